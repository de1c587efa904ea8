export { bool, email, EnvError, host, makeExactValidator, port, str } from 'envalid';
export { commonSpecs, noSandboxInProduction } from './common.js';
export { InvalidSettingsError, type Rule, settings, type SettingsClass, type Specs } from './settings.js';
export { sizeThreadPool } from './thread-pool.js';
export { httpUrl, key32, list, serviceKeys, urlWith, wholeNumber } from './validators.js';
