import {
  BATCH_HEADER_BYTES,
  batchSize,
  isValidBatch,
  readBatchHeader,
  type BatchHeader,
} from '../protocol/record-batch.ts';
import type { Disk, DiskFile } from './disk.ts';
import { LogDamaged } from './log-errors.ts';
import type { ProducerSequences } from './producer-sequences.ts';
import { SegmentIndex } from './segment-index.ts';
import { Checkpoint, checkpointPath, Segment, segmentPath } from './segment.ts';

const SCAN_BYTES = 1024 * 1024;

export interface RecoveredSegment {
  readonly segment: Segment;
  /** Bytes after the last valid batch, from a write that a crash interrupted. They were cut off. */
  readonly tornBytes: number;
}

/**
 * Recovers a segment after a start. The part that its checkpoint covers is not read again; every later batch is checked (offset without
 * a gap, format, CRC-32C). `mayBeTorn` is true for the last segment only: its end is cut off after the last valid batch.
 * The producers are added to `sequences`. Throws LogDamaged if flushed records are missing.
 */
export async function recoverSegment(
  disk: Disk,
  folder: string,
  baseOffset: number,
  sequences: ProducerSequences,
  mayBeTorn: boolean,
): Promise<RecoveredSegment> {
  const checkpoint = await readCheckpoint(disk, folder, baseOffset);
  if (checkpoint) sequences.restore(checkpoint.producers);
  const index = new SegmentIndex(checkpoint?.index);
  const segment = new Segment(
    disk,
    folder,
    baseOffset,
    checkpoint?.size,
    checkpoint?.endOffset,
    index,
  );
  const file = await disk.openForAppend(segmentPath(folder, baseOffset));
  try {
    const fileSize = await file.size();
    if (fileSize < segment.size)
      throw new LogDamaged(
        `${folder}: segment ${baseOffset} had ${segment.size} bytes and has ${fileSize}`,
      );
    await scan(file, fileSize, segment, sequences);
    const tornBytes = fileSize - segment.size;
    if (tornBytes > 0 && !mayBeTorn)
      throw new LogDamaged(`${folder}: segment ${baseOffset} is damaged at byte ${segment.size}`);
    if (tornBytes > 0) {
      await file.truncate(segment.size);
      await file.datasync();
    }
    return { segment, tornBytes };
  } finally {
    await file.close();
  }
}

async function scan(
  file: DiskFile,
  fileSize: number,
  segment: Segment,
  sequences: ProducerSequences,
): Promise<void> {
  let windowBytes = SCAN_BYTES;
  while (segment.size < fileSize) {
    const left = fileSize - segment.size;
    const window = Buffer.allocUnsafe(Math.min(windowBytes, left));
    await file.read(window, segment.size);
    let at = 0;
    let batch = validBatchAt(window, at, segment.endOffset);
    while (batch) {
      segment.grow(batch);
      sequences.remember(batch);
      at += batch.size;
      batch = validBatchAt(window, at, segment.endOffset);
    }
    if (at > 0) {
      windowBytes = SCAN_BYTES;
      continue;
    }
    // No valid batch here: either the batch is larger than the window, or the log ends here.
    const size = window.length >= BATCH_HEADER_BYTES ? batchSize(window, 0) : 0;
    if (size <= window.length || size > left) return;
    windowBytes = size;
  }
}

function validBatchAt(window: Buffer, at: number, offset: number): BatchHeader | undefined {
  if (at + BATCH_HEADER_BYTES > window.length) return undefined;
  const size = batchSize(window, at);
  if (size < BATCH_HEADER_BYTES || at + size > window.length) return undefined;
  const bytes = window.subarray(at, at + size);
  const batch = readBatchHeader(bytes);
  return batch.baseOffset === offset && batch.lastOffset >= offset && isValidBatch(bytes)
    ? batch
    : undefined;
}

async function readCheckpoint(
  disk: Disk,
  folder: string,
  baseOffset: number,
): Promise<Checkpoint | undefined> {
  const text = await disk.readText(checkpointPath(folder, baseOffset));
  if (text === undefined) return undefined;
  try {
    return Checkpoint.parse(JSON.parse(text));
  } catch {
    // A checkpoint only saves time: without it the segment is read from its start.
    return undefined;
  }
}
