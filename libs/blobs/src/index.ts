export {
  BlobKeyInvalid,
  BlobNotFound,
  BlobStoreUnsupported,
  type BlobStore,
} from './blob-store.ts';
export { FolderBlobStore } from './folder-blob-store.ts';
export { openBlobStore } from './open-blob-store.ts';
