/** Puts a picture on the clipboard, drawn anew as PNG: what the system's other programs take, without the camera's data. */

/** @throws when the picture can't be loaded or is too large to be drawn. */
export async function copyPicture(address: string): Promise<void> {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(address) })]);
}

async function pngOf(address: string): Promise<Blob> {
  const image = new Image();
  // Else the canvas could not be read: the file comes from another origin, which allows this one.
  image.crossOrigin = 'anonymous';
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large to draw.'))),
      'image/png',
    );
  });
}
