/** The baseline for direct transfers: bytes from memory through a bare RTCDataChannel between two pages, nothing else. */
import type { Page } from '@playwright/test';

const messageBytes = 64 * 1024;
const highWater = 1024 * 1024;
const lowWater = 256 * 1024;

interface InPage {
  readonly connection: RTCPeerConnection;
  readonly channel: Promise<RTCDataChannel>;
}

declare global {
  var rawChannel: InPage;
}

/** @returns bytes per second from the first message sent to the last one received. */
export async function rawChannelSpeed(from: Page, to: Page, bytes: number): Promise<number> {
  const offer = await from.evaluate(makeOffer);
  const answer = await to.evaluate(makeAnswer, offer);
  await from.evaluate((sdp) => globalThis.rawChannel.connection.setRemoteDescription({ type: 'answer', sdp }), answer);
  const received = to.evaluate(countBytes, bytes);
  const begun = performance.now();
  await from.evaluate(pump, { bytes, messageBytes, highWater, lowWater });
  await received;
  const seconds = (performance.now() - begun) / 1_000;
  for (const page of [from, to]) await page.evaluate(() => globalThis.rawChannel.connection.close());
  return bytes / seconds;
}

/** Runs in the page. @returns the offer with all candidates in it. */
async function makeOffer(): Promise<string> {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('raw');
  channel.binaryType = 'arraybuffer';
  const opened = new Promise<RTCDataChannel>((resolve) => channel.addEventListener('open', () => resolve(channel)));
  globalThis.rawChannel = { connection, channel: opened };
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }));
  return connection.localDescription?.sdp ?? '';
}

/** Runs in the page. */
async function makeAnswer(offer: string): Promise<string> {
  const connection = new RTCPeerConnection();
  const opened = new Promise<RTCDataChannel>((resolve) =>
    connection.addEventListener('datachannel', ({ channel }) => {
      channel.binaryType = 'arraybuffer';
      resolve(channel);
    }),
  );
  globalThis.rawChannel = { connection, channel: opened };
  await connection.setRemoteDescription({ type: 'offer', sdp: offer });
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }));
  return connection.localDescription?.sdp ?? '';
}

/** Runs in the page. Resolves once so many bytes have come. */
async function countBytes(bytes: number): Promise<void> {
  const channel = await globalThis.rawChannel.channel;
  await new Promise<void>((resolve) => {
    let got = 0;
    channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      got += data.byteLength;
      if (got >= bytes) resolve();
    });
  });
}

interface PumpOrder {
  readonly bytes: number;
  readonly messageBytes: number;
  readonly highWater: number;
  readonly lowWater: number;
}

/** Runs in the page. */
async function pump({ bytes, messageBytes: size, highWater: high, lowWater: low }: PumpOrder): Promise<void> {
  const channel = await globalThis.rawChannel.channel;
  channel.bufferedAmountLowThreshold = low;
  const message = crypto.getRandomValues(new Uint8Array(size));
  for (let sent = 0; sent < bytes; sent += size) {
    if (channel.bufferedAmount > high)
      await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
    channel.send(message);
  }
}
