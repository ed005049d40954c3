/** What the signals of other devices about blobs do here: a complete map, one handler a kind. */
import type { BlobId, UserId } from '../../../protocol/index.ts';
import type { BlobVault } from '../blobs/blob-vault.ts';
import type { Peers, PeerSignal } from './peers.ts';
import type { Register } from './register.ts';
import type { Sharing } from './sharing.ts';
import type { Transfer } from './transfer.ts';
import type { SignalOrigin, TransferSignal } from './transfers.ts';
import type { TransfersDeps } from './transfers-deps.ts';

export type SignalHandlers = {
  readonly [K in TransferSignal['kind']]: (origin: SignalOrigin, content: Extract<TransferSignal, { kind: K }>) => void;
};

interface SignalHandlersDeps extends Pick<TransfersDeps, 'self' | 'signal' | 'table'> {
  readonly vault: BlobVault;
  readonly register: Register<Transfer>;
  readonly sharing: Sharing;
  readonly peers: Peers | null;
  readonly isDirectAllowed: () => boolean;
}

export function createSignalHandlers(deps: SignalHandlersDeps): SignalHandlers {
  const { self, signal, table, vault, register, sharing, peers, isDirectAllowed } = deps;

  function tellHeld({ conversation, device }: SignalOrigin, blob: BlobId): void {
    const whole = vault.state(blob)?.whole ?? false;
    signal(conversation, { kind: 'blob-held', blob, whole }, { device });
  }

  /**
   * The sender of a file asks, in saying that it has it, who still needs it: whoever has it says so, and is not waited
   * for any more. Only to the sender's devices, so that two devices never answer each other for ever.
   */
  function answerSender(origin: SignalOrigin, blob: BlobId): void {
    const ref = table.refOf(blob);
    const isSender = ref !== null && table.senderOf(ref) === origin.user && origin.user !== self;
    if (isSender && vault.state(blob)?.whole) tellHeld(origin, blob);
  }

  function deliver(blob: BlobId, user: UserId): void {
    const transfer = register.get(blob);
    if (transfer?.way.direction === 'out') transfer.way.motion.delivered(user);
  }

  const toPeers = (origin: SignalOrigin, content: PeerSignal) => peers?.take(origin, content);

  return {
    'blob-wanted'(origin, { blob }) {
      if (!isDirectAllowed() || !vault.state(blob)?.heldChunks) return;
      if (!sharing.isShared(blob) || !sharing.wasSentIn(blob, origin.conversation)) return;
      peers?.admit(origin);
      const transfer = register.get(blob);
      if (transfer?.way.direction === 'out') transfer.way.motion.cameFor(origin.user);
      tellHeld(origin, blob);
    },
    'blob-held'(origin, { blob, whole }) {
      if (!sharing.wasSentIn(blob, origin.conversation)) return;
      const transfer = register.get(blob);
      if (transfer?.way.direction === 'out') {
        if (whole) deliver(blob, origin.user);
      } else if (transfer?.record.state === 'wanted') transfer.way.motion.heldBy(origin);
      else answerSender(origin, blob);
    },
    'blob-published'(_origin, { blob }) {
      const transfer = register.get(blob);
      if (transfer?.way.direction === 'in') transfer.way.motion.published();
    },
    'peer-call': toPeers,
    'peer-step': toPeers,
    'peer-over': toPeers,
  };
}
