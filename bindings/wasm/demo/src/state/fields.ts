// The one table of what can be set on the page: names in the link, labels, ranges, and what becomes of them.

export type Setting = number | string | boolean;

interface Common {
  /** Its name in the link. A side's setting that is a path of the configuration is set as such. */
  key: string;
  label: string;
  help?: string;
}

export interface NumberField extends Common {
  kind: 'number';
  min: number;
  max: number;
  /** The step of the slider; the number field takes any value from `min` on that the core takes. */
  step: number;
  /** What stands behind the number. */
  unit?: string;
  /** The number is shown times this: shares as percent. */
  scale?: number;
  whole?: boolean;
}

export interface ChoiceField extends Common {
  kind: 'choice';
  choices: readonly (readonly [value: string, label: string])[];
}

export interface FlagField extends Common {
  kind: 'flag';
}

export interface TextField extends Common {
  kind: 'text';
}

export type Field = NumberField | ChoiceField | FlagField | TextField;

export interface Section {
  title: string;
  open?: boolean;
  fields: readonly Field[];
}

const count = (key: string, label: string, max: number, help?: string, min = 0): NumberField => ({
  kind: 'number',
  key,
  label,
  min,
  max,
  step: 1,
  whole: true,
  ...(help ? { help } : {}),
});

const share = (key: string, label: string, help?: string, min = 0, max = 1): NumberField => ({
  kind: 'number',
  key,
  label,
  min,
  max,
  step: 0.01,
  unit: '%',
  scale: 100,
  ...(help ? { help } : {}),
});

/** Who scales. */
export const POLICIES = [
  ['heijunka', 'Heijunka'],
  ['fixed', 'Fixed'],
  ['hpa', 'Kubernetes HPA'],
  ['kpa', 'Knative KPA'],
  ['celery', 'Celery autoscaler'],
  ['clairvoyant', 'Clairvoyant'],
] as const;

/** What each of the two configurations can be set to. */
export const SIDE: readonly Section[] = [
  {
    title: 'Policy',
    open: true,
    fields: [
      {
        kind: 'choice',
        key: 'preset',
        label: 'Preset',
        choices: [
          ['classic', 'classic'],
          ['adaptive', 'adaptive'],
        ],
        help: 'The defaults to start from.',
      },
      {
        kind: 'choice',
        key: 'policy',
        label: 'Who scales',
        choices: POLICIES,
        help: 'The engine itself, or another autoscaler over the same pools. The clairvoyant one knows the future.',
      },
      {
        kind: 'number',
        key: 'start_s',
        label: 'Worker start',
        min: 0,
        max: 120,
        step: 1,
        unit: 's',
        help: 'How long a new worker takes until it can work.',
      },
    ],
  },
  {
    title: 'Pools',
    open: true,
    fields: [
      count('pools.*.max_workers', 'Most workers', 100, 'In every pool.', 1),
      count('pools.*.min_workers', 'Least workers', 50, 'In every pool.'),
      count('pools.*.initial_workers', 'At the start', 100, 'In every pool.'),
      count('pools.*.max_waiting', 'Waiting line', 1000, 'Places in every pool; 0 fails fast.'),
    ],
  },
  {
    title: 'Scaling',
    fields: [
      {
        kind: 'choice',
        key: 'scaler.mode',
        label: 'Rule',
        choices: [
          ['step', 'step by step'],
          ['proportional', 'proportional'],
          ['staffing', 'staffing by expected wait'],
        ],
      },
      share('scaler.up_threshold', 'Up above', 'Demand above this adds a worker (step by step).', 0.01, 1.5),
      share('scaler.down_threshold', 'Down below', 'Demand below this removes one (step by step).', 0, 1.5),
      share('scaler.target_utilization', 'Target', 'The utilization aimed at.', 0.01),
    ],
  },
  {
    title: 'Limits',
    fields: [
      count('regulator.soft_limit', 'Soft limit', 3000, 'Warns above this load.', 1),
      count('regulator.hard_limit', 'Hard limit', 3000, 'Refuses at this load.', 1),
      share('regulator.reserved_capacity', 'Reserved', 'Share of the hard limit kept for critical work.', 0, 0.99),
    ],
  },
  {
    title: 'Bursts',
    fields: [
      { kind: 'flag', key: 'burst.enabled', label: 'Surges', help: 'Whether a burst brings workers for a while.' },
      {
        kind: 'number',
        key: 'burst.threshold',
        label: 'Burst from',
        min: 1.5,
        max: 30,
        step: 0.5,
        unit: '×',
        help: 'Load above this many times the baseline is a burst.',
      },
      count('burst.surge_workers', 'Surge workers', 50, 'Added to each pool.', 1),
    ],
  },
  {
    title: 'Cost',
    fields: [
      { kind: 'number', key: 'cost.baseline_per_hour', label: 'Worker', min: 0, max: 10, step: 0.05, unit: '/h' },
      { kind: 'number', key: 'cost.surge_per_hour', label: 'Surge worker', min: 0, max: 20, step: 0.05, unit: '/h' },
    ],
  },
  {
    title: 'Anything else',
    fields: [
      {
        kind: 'text',
        key: 'json',
        label: 'Configuration as JSON',
        help: 'Any field, as in a configuration file; what is set above comes on top.',
      },
    ],
  },
];

/** What arrives. */
export const SOURCES = [
  ['steady', 'Steady hour'],
  ['ramp', 'Ramp'],
  ['diurnal', 'One swing of a day'],
  ['spike', 'Flash crowd'],
  ['bursty', 'Bursts that come and go'],
  ['heavy_tail', 'Heavy-tailed services'],
  ['retry_storm', 'Retry storm'],
  ['demo', 'A shop’s day (0.9 M requests)'],
  ['day', 'A day at 200 a second (17 M)'],
  ['own', 'Rate and service of your own'],
  ['file', 'A trace file'],
] as const;

const hours: NumberField = {
  kind: 'number',
  key: 'hours',
  label: 'Length',
  min: 0.1,
  max: 48,
  step: 0.1,
  unit: 'h',
};

/** The fields of the traffic that stand for every source, and those of some. */
export const TRAFFIC: readonly Section[] = [
  {
    title: 'Traffic',
    open: true,
    fields: [{ kind: 'choice', key: 'source', label: 'What arrives', choices: SOURCES }, hours],
  },
  {
    title: 'Reading the file',
    open: true,
    fields: [
      { kind: 'flag', key: 'skip_bad', label: 'Skip lines that can’t be read' },
      {
        kind: 'choice',
        key: 'pools',
        label: 'Pools',
        choices: [
          ['own', 'one for each domain'],
          ['shared', 'one for all domains'],
          ['config', 'those of the configuration'],
        ],
        help: 'Where domains go that the configuration lacks.',
      },
    ],
  },
  {
    title: 'Rate and service',
    open: true,
    fields: [
      {
        kind: 'choice',
        key: 'process',
        label: 'Arrivals',
        choices: [
          ['poisson', 'Poisson'],
          ['constant', 'constant'],
          ['ramp', 'ramp from 0'],
          ['diurnal', 'one swing'],
          ['spike', 'spike half-way (× 10)'],
          ['mmpp', 'bursts that come and go'],
        ],
      },
      { kind: 'number', key: 'rate', label: 'Rate', min: 0.5, max: 300, step: 0.5, unit: '/s' },
      { kind: 'number', key: 'service_ms', label: 'Mean service', min: 1, max: 5000, step: 1, unit: 'ms' },
      {
        kind: 'choice',
        key: 'distribution',
        label: 'Services',
        choices: [
          ['exponential', 'exponential'],
          ['constant', 'constant'],
          ['log_normal', 'log-normal'],
          ['pareto', 'Pareto, heavy tail'],
        ],
      },
    ],
  },
  {
    title: 'World',
    fields: [
      count('seed', 'Seed', 100, 'The same seed, the same requests.'),
      count('runs', 'Seeds in a row', 10, 'Means and 95 % intervals over as many seeds.', 1),
      count('attempts', 'Attempts', 10, 'How often a client asks that was refused; 1: it never comes again.', 1),
      { kind: 'number', key: 'backoff_ms', label: 'Back-off', min: 1, max: 10000, step: 1, unit: 'ms' },
      {
        kind: 'number',
        key: 'crashes',
        label: 'Crashes',
        min: 0,
        max: 10,
        step: 0.1,
        unit: '/h',
        help: 'Of each worker, in an hour of its time.',
      },
      {
        kind: 'text',
        key: 'workload',
        label: 'More of the workload as JSON',
        help: 'Such as {"slow": …}, {"speed_up": 2} or {"pools": "shared"}.',
      },
    ],
  },
];

/** What stands in the fields of the traffic that nobody has set. */
export const TRAFFIC_DEFAULTS: Readonly<Record<string, Setting>> = {
  source: 'spike',
  hours: 1,
  skip_bad: false,
  pools: 'own',
  process: 'poisson',
  rate: 30,
  service_ms: 500,
  distribution: 'exponential',
  seed: 1,
  runs: 1,
  attempts: 1,
  backoff_ms: 100,
  crashes: 0,
  workload: '',
};

/** And in those of the two sides: what the page starts with. The rest is the core's. */
export const SIDE_DEFAULTS: readonly [Readonly<Record<string, Setting>>, Readonly<Record<string, Setting>>] = [
  { preset: 'classic', policy: 'heijunka', start_s: 10, json: '' },
  { preset: 'adaptive', policy: 'heijunka', start_s: 10, json: '' },
];

/** The fields of the traffic that a source has no use for. */
export function isIdle(key: string, source: string): boolean {
  if (['process', 'rate', 'service_ms', 'distribution'].includes(key)) return source !== 'own';
  if (['skip_bad', 'pools'].includes(key)) return source !== 'file';
  // A storm is made of clients that come again.
  if (['attempts', 'backoff_ms'].includes(key)) return source === 'retry_storm';
  if (key === 'hours') return source === 'file' || source === 'demo' || source === 'day';
  return false;
}

/** Every field of a table. */
export function fieldsOf(sections: readonly Section[]): Field[] {
  return sections.flatMap(({ fields }) => fields);
}
