export { FolderInUse, FolderLock } from './folder-lock.ts';
export { isRunning, processIdentity, ProcessIdentity } from './process-identity.ts';
