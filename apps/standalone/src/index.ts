export { startMessage, writeConnections } from './connections.ts';
export { developmentAccount } from './development-account.ts';
export { startGateway, type Gateway } from './gateway.ts';
export { startInfrastructure, type Infrastructure } from './infrastructure.ts';
export { platformKeys } from './keys.ts';
export { startPlatform, type Platform, type PlatformOptions } from './platform.ts';
export { checkPlatformPorts } from './ports.ts';
export { serviceEnv, type ServiceName, serviceNames } from './service-env.ts';
export { platformVariables, type PlatformSettings, readPlatformSettings } from './settings.ts';
