// A trace file, read in the browser: plain or gzipped, never sent anywhere.

/** The longest text that a browser's tab copes with. */
export const MOST_BYTES = 256 * 1024 * 1024;

export interface TraceFile {
  name: string;
  size: number;
  text: string;
}

export class FileProblem extends Error {}

/** The text of a file, unpacked where it is gzip. Fails with `FileProblem`, in words for the person. */
export async function readTrace(file: File): Promise<TraceFile> {
  if (file.size === 0) throw new FileProblem('The file is empty.');
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const parts: string[] = [];
  let bytes = 0;
  const decoder = new TextDecoder('utf-8');
  try {
    const stream: ReadableStream<Uint8Array> = gzip
      ? (file.stream() as ReadableStream<BufferSource>).pipeThrough(new DecompressionStream('gzip'))
      : file.stream();
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > MOST_BYTES) {
        await reader.cancel();
        throw new FileProblem(
          `This is more than ${String(MOST_BYTES / 1048576)} MB of text, too much for a page. The command line takes it: heijunka replay ${file.name}`,
        );
      }
      parts.push(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new FileProblem(gzip ? 'The gzip data is damaged or ends too early: ' + why : 'It can’t be read: ' + why);
  }
  parts.push(decoder.decode());
  return { name: file.name, size: file.size, text: parts.join('') };
}

/** A size as people read it. */
export function bytesOf(size: number): string {
  if (size < 1000) return String(size) + ' bytes';
  const [scaled, unit] = size < 1e6 ? [size / 1e3, 'kB'] : [size / 1e6, 'MB'];
  return scaled.toLocaleString('en-US', { maximumFractionDigits: scaled < 10 ? 1 : 0 }) + ' ' + unit;
}
