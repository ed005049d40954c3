/** What members do with the blobs of their conversations: put them there, fetch them, take them away. */
import {
  plainSize,
  sealedSize,
  type BlobId,
  type BlobUpload,
  type ConversationId,
  type MediaLimits,
  type UserId,
} from '../../protocol/index.ts';
import { ParleyError } from '../../protocol/index.ts';
import type { BlobHold, HoldLimits, HoldOutcome } from '../ports/store.ts';
import { endUpload, removeIfFree, runKey, type BlobParts } from './blob-parts.ts';
import { blobNotFound, blobTooLarge, overQuota, tooManyUploads, wrongSize } from './blob-refusals.ts';
import type { IncomingBytes } from './upload-runs.ts';

/** A blob as one user in one conversation sees it. */
export interface BlobPlace {
  readonly user: UserId;
  readonly conversation: ConversationId;
  readonly blob: BlobId;
}

export interface BlobActs {
  /** @returns where the upload stands, and whether it is new. @throws ParleyError when the relay does not take it. */
  begin(place: BlobPlace, bytes: number): Promise<BlobUpload & { readonly isNew: boolean }>;
  /** Adds bytes at an offset; publishes the blob with its last one. */
  add(place: BlobPlace, offset: number, source: IncomingBytes): Promise<BlobUpload>;
  /** Size of a blob that can be fetched. @throws ParleyError `not_found`. */
  size(place: BlobPlace): Promise<number>;
  /** The blob as it stands: whole for all members, or as far as the caller's own upload is. */
  state(place: BlobPlace): Promise<BlobUpload>;
  /** Takes away what the caller put there, or was about to. */
  drop(place: BlobPlace): Promise<void>;
  limitsOf(user: UserId): Promise<MediaLimits>;
}

/** Uploads that a user may have begun and not ended. */
const mostUploads = 1_000;

export function createBlobActs(parts: BlobParts): BlobActs {
  const { store, storage, clock, metrics, runs, turns, settings } = parts;
  const quotaBytes = settings.userQuotaBytes === 0 ? null : settings.userQuotaBytes;
  const limits: HoldLimits = { quotaBytes, uploads: mostUploads };

  async function assertMember({ user, conversation }: BlobPlace): Promise<void> {
    if ((await store.conversations.get(conversation, user, 0)) === null) throw blobNotFound();
  }

  function assertTakes(bytes: number): void {
    const plain = plainSize(bytes);
    if (plain === null) throw wrongSize();
    if (plain > settings.maxFileBytes || settings.maxFileBytes === 0) throw blobTooLarge(settings.maxFileBytes);
  }

  /** @returns whether the conversation holds it now, since the caller may read it already. */
  async function share(place: BlobPlace, bytes: number): Promise<boolean> {
    const outcome = await store.blobs.share({ ...place, at: clock() }, limits);
    if (outcome.state === 'not_found') return false;
    assertHeld(outcome);
    const there = await storage.size(place.blob);
    if (there !== null && there !== bytes) throw wrongSize();
    // Null: the bytes were lost, as after a restore without them. They are taken again.
    return there !== null;
  }

  function assertHeld(outcome: HoldOutcome): void {
    if (outcome.state === 'over_quota') throw overQuota(settings.userQuotaBytes, outcome.usedBytes);
    if (outcome.state === 'too_many_uploads') throw tooManyUploads(mostUploads);
    if (outcome.state === 'not_found') throw blobNotFound();
  }

  /**
   * All bytes are there: makes the blob readable for the conversations it was sent to. In the blob's turn, since another
   * request of the user, such as one after a cut, may have seen the last byte too.
   */
  async function finish(upload: BlobHold): Promise<BlobUpload> {
    if ((await store.blobs.upload(upload)) === null) return wholeOrNotFound(upload);
    await storage.publish(upload).catch((error: unknown) => forgetBroken(upload, error));
    const holding = await store.blobs.complete(upload, clock());
    // Another node may have removed it in between, before it was held; one that does so later sees that it is.
    if (storage.restore && (await storage.size(upload.blob)) === null) await storage.publish(upload);
    await storage.abandon(upload);
    if (!holding.includes(upload.conversation)) throw blobNotFound();
    metrics.blobPublished();
    return { offset: upload.bytes, whole: true };
  }

  /** In the blob's turn, so that an upload that is just being finished is not begun anew. */
  async function beginOrFinish(place: BlobPlace, bytes: number): Promise<BlobUpload & { readonly isNew: boolean }> {
    if (await share(place, bytes)) return { offset: bytes, whole: true, isNew: false };
    const before = await store.blobs.upload(place);
    const upload = { ...place, bytes, at: clock() };
    const offset = await storage.offset(upload);
    await storage.assertRoom(bytes - offset);
    assertHeld(await store.blobs.begin(upload, limits));
    if (offset === bytes) return { ...(await finish(upload)), isNew: false };
    return { offset, whole: false, isNew: before === null };
  }

  async function forgetBroken(upload: BlobHold, error: unknown): Promise<never> {
    if (error instanceof ParleyError && error.code === 'blob_mismatch') await store.blobs.abandon(upload);
    throw error;
  }

  async function sizeIn(place: BlobPlace): Promise<number | null> {
    const known = await store.blobs.sizeIn(place.conversation, place.blob);
    return known === null ? null : storage.size(place.blob);
  }

  async function addInTurn(place: BlobPlace, offset: number, source: IncomingBytes): Promise<BlobUpload> {
    const upload = await store.blobs.upload(place);
    if (upload === null) return wholeOrNotFound(place);
    await store.blobs.touch(place.user, place.blob, clock());
    const reached = await storage.append(upload, offset, source.stream);
    metrics.blobBytesIn(reached - offset);
    if (reached === upload.bytes) return turns.run(place.blob, () => finish(upload));
    await store.blobs.touch(place.user, place.blob, clock());
    return { offset: reached, whole: false };
  }

  async function wholeOrNotFound(place: BlobPlace): Promise<BlobUpload> {
    const size = await sizeIn(place);
    if (size === null) throw blobNotFound();
    return { offset: size, whole: true };
  }

  return {
    async begin(place, bytes) {
      await assertMember(place);
      assertTakes(bytes);
      return turns.run(place.blob, () => beginOrFinish(place, bytes));
    },
    async add(place, offset, source) {
      await assertMember(place);
      if ((await store.blobs.upload(place)) === null) return wholeOrNotFound(place);
      return runs.run(runKey(place), source, () => addInTurn(place, offset, source));
    },
    async size(place) {
      await assertMember(place);
      return (await wholeOrNotFound(place)).offset;
    },
    async state(place) {
      await assertMember(place);
      const size = await sizeIn(place);
      if (size !== null) return { offset: size, whole: true };
      const upload = await store.blobs.upload(place);
      if (upload === null) throw blobNotFound();
      return { offset: await storage.offset(upload), whole: false };
    },
    async drop(place) {
      await assertMember(place);
      const upload = await store.blobs.upload(place);
      const ended = upload !== null && (await endUpload(parts, upload));
      const released = await store.blobs.release(place);
      if (!ended && !released) throw blobNotFound();
      await removeIfFree(parts, place.blob);
    },
    async limitsOf(user) {
      return {
        blobBytes: settings.maxFileBytes === 0 ? 0 : sealedSize(settings.maxFileBytes),
        usedBytes: await store.blobs.usedBy(user),
        quotaBytes,
        keepDays: settings.mediaKeepDays === 0 ? null : settings.mediaKeepDays,
      };
    },
  };
}
