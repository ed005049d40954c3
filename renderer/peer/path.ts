/** Finds out from WebRTC's statistics whether a TURN server stands between two peers. */
import type { EventOf } from '../../bridge/contract.ts';
import type { PeerContract } from '../../bridge/peer-contract.ts';

export type PeerPath = EventOf<PeerContract, 'peer.opened'>['path'];

/** As `getStats` reports them; each kind has fields of its own. */
export type StatsReport = Readonly<Record<string, unknown>>;

/** @returns `turn` when either end of the pair of addresses in use is a relayed one. */
export function pathOf(reports: readonly StatsReport[]): PeerPath {
  const byId = new Map(reports.map((report) => [report['id'], report]));
  const transport = reports.find(
    ({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId,
  );
  const pair = byId.get(transport?.['selectedCandidatePairId']);
  const ends = [pair?.['localCandidateId'], pair?.['remoteCandidateId']].map((id) => byId.get(id));
  return ends.some((candidate) => candidate?.['candidateType'] === 'relay') ? 'turn' : 'direct';
}
