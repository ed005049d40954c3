/** Opens a picture as far as its size; its pixels are unpacked only when it is drawn. */

/** As it is meant to be seen: turned as its orientation says. @throws when it is no picture. */
export async function loadPicture(file: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file);
  try {
    const picture = new Image();
    await new Promise<void>((resolve, reject) => {
      picture.onload = () => resolve();
      picture.onerror = () => reject(new Error('This is no picture that can be shown.'));
      picture.src = url;
    });
    return picture;
  } finally {
    URL.revokeObjectURL(url);
  }
}
