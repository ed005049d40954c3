/** Pictures, films and tones made on the spot by the page that the harness shows them in: real bytes, none of them kept. */

export interface MadeMedia {
  readonly type: string;
  readonly bytes: Blob;
}

/** Sky, sun and hills in colours that go with `seed`. */
export function drawPicture(seed: number, width: number, height: number, hour = 0): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  if (!pen) return canvas;
  const hue = (seed * 47) % 360;
  const unit = Math.min(width, height);
  const sky = pen.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 55% 62%)`);
  sky.addColorStop(1, `hsl(${hue + 40} 70% 90%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = `hsl(${hue + 60} 90% 94%)`;
  pen.beginPath();
  pen.arc(width * (0.15 + 0.7 * ((seed * 0.37 + hour) % 1)), height * 0.3, unit * 0.09, 0, Math.PI * 2);
  pen.fill();
  for (let hill = 0; hill < 4; hill++) {
    pen.fillStyle = `hsl(${hue + 80 + hill * 12} ${24 + hill * 4}% ${58 - hill * 11}%)`;
    pen.beginPath();
    pen.moveTo(0, height);
    for (let x = 0; x < width + unit / 30; x += Math.max(1, unit / 90)) {
      const wave = Math.sin((x / unit) * (2.1 + hill) + seed * 1.7 + hill * 2) + 0.4 * Math.sin((x / unit) * 9 + seed);
      pen.lineTo(x, height * (0.55 + hill * 0.11) - unit * 0.06 * wave);
    }
    pen.lineTo(width + unit / 30, height);
    pen.lineTo(width, height);
    pen.fill();
  }
  return canvas;
}

/** As senders make them: at most 320 pixels and a few kilobytes. */
export function thumbnailOf(seed: number, width: number, height: number): string {
  const share = Math.min(1, 320 / Math.max(width, height));
  const size = [width, height].map((side) => Math.max(1, Math.round(side * share)));
  return drawPicture(seed, size[0] ?? 1, size[1] ?? 1).toDataURL('image/webp', 0.6);
}

export function pictureBytes(seed: number, width: number, height: number): Promise<MadeMedia> {
  const type = 'image/jpeg';
  return new Promise((resolve, reject) => {
    drawPicture(seed, width, height).toBlob(
      (bytes) => (bytes ? resolve({ type, bytes }) : reject(new Error('no picture'))),
      type,
      0.85,
    );
  });
}

/** A sunrise of some seconds. */
export async function filmBytes(seed: number, width: number, height: number, ms: number): Promise<MadeMedia> {
  const canvas = drawPicture(seed, width, height);
  const type =
    ['video/mp4;codecs=vp9', 'video/webm;codecs=vp8'].find((one) => MediaRecorder.isTypeSupported(one)) ?? '';
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: type, videoBitsPerSecond: 1_200_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  const began = performance.now();
  while (performance.now() - began < ms) {
    await new Promise(requestAnimationFrame);
    const frame = drawPicture(seed, width, height, (performance.now() - began) / ms / 2);
    canvas.getContext('2d')?.drawImage(frame, 0, 0);
  }
  recorder.stop();
  await stopped;
  return { type: type.split(';')[0] ?? type, bytes: new Blob(parts) };
}

/** A melody of single tones as WAV, 8 kHz, 16 bit. */
export function toneBytes(seed: number, ms: number): MadeMedia {
  const rate = 8_000;
  const count = Math.round((rate * ms) / 1_000);
  const view = new DataView(new ArrayBuffer(44 + count * 2));
  const words = (at: number, text: string): void => {
    [...text].forEach((character, index) => view.setUint8(at + index, character.charCodeAt(0)));
  };
  words(0, 'RIFF');
  view.setUint32(4, 36 + count * 2, true);
  words(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  words(36, 'data');
  view.setUint32(40, count * 2, true);
  for (let at = 0; at < count; at++) {
    const pitch = 220 * 2 ** (((seed * 5 + Math.floor(at / rate / 0.3) * 7) % 12) / 12);
    view.setInt16(44 + at * 2, 6_000 * Math.sin((2 * Math.PI * pitch * at) / rate), true);
  }
  return { type: 'audio/wav', bytes: new Blob([view]) };
}
