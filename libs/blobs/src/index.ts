export { BlobKeyInvalid, BlobNotFound, type BlobStore } from './blob-store.ts';
export { FolderBlobStore } from './folder-blob-store.ts';
