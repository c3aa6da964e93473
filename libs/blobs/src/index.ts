export { BlobKeyInvalid, BlobNotFound, type BlobStore } from './blob-store.ts';
export { FolderBlobStore, removeOldFiles } from './folder-blob-store.ts';
