// Tests of the modules that need no browser.

import './columns';
import './contest';
import './controls';
import './course';
import './figures';
import './format';
import './heap';
import './marks';
import './problems';
import './random';
import './runner';
import './state';
import './world';
