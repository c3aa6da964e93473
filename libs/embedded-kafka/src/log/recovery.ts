import {
  BATCH_HEADER_BYTES,
  batchSize,
  isSoundBatch,
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
  /** Bytes behind the last sound batch: what a crash left of a write. They are cut off if that is allowed. */
  readonly tornBytes: number;
}

/**
 * Reads a segment back: the part its checkpoint vouches for is believed, every batch behind it is checked (offset without a gap,
 * format, CRC-32C). `mayBeTorn` is true for the last segment only, whose end is then cut off behind its last sound batch.
 * `sequences` learns the producers. Throws LogDamaged where flushed records are missing.
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
  let wanted = SCAN_BYTES;
  while (segment.size < fileSize) {
    const left = fileSize - segment.size;
    const window = Buffer.allocUnsafe(Math.min(wanted, left));
    await file.read(window, segment.size);
    let at = 0;
    let batch = soundBatchAt(window, at, segment.endOffset);
    while (batch) {
      segment.grow(batch);
      sequences.remember(batch);
      at += batch.size;
      batch = soundBatchAt(window, at, segment.endOffset);
    }
    if (at > 0) {
      wanted = SCAN_BYTES;
      continue;
    }
    // Nothing sound here: either the batch is larger than the window, or this is where the log ends.
    const size = window.length >= BATCH_HEADER_BYTES ? batchSize(window, 0) : 0;
    if (size <= window.length || size > left) return;
    wanted = size;
  }
}

function soundBatchAt(window: Buffer, at: number, offset: number): BatchHeader | undefined {
  if (at + BATCH_HEADER_BYTES > window.length) return undefined;
  const size = batchSize(window, at);
  if (size < BATCH_HEADER_BYTES || at + size > window.length) return undefined;
  const bytes = window.subarray(at, at + size);
  const batch = readBatchHeader(bytes);
  return batch.baseOffset === offset && batch.lastOffset >= offset && isSoundBatch(bytes)
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
    // A checkpoint only saves reading: without it the segment is read from its start.
    return undefined;
  }
}
