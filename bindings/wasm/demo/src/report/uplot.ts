// uPlot, which stands on the report's page before the script.

import type uPlot from 'uplot';

export default (globalThis as unknown as { uPlot: typeof uPlot }).uPlot;
