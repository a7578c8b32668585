import type { MessageType } from '../../libprocess/message.ts';

/** Tag of field 1, a message: what a list of the registry repeats. */
const ELEMENT_TAG = 0x0a;

interface Element<M> {
  readonly message: M;
  /** As it stands in the list, with tag and length; made when first needed and then always the same. */
  bytes: Uint8Array | undefined;
}

/**
 * One of the registry's lists, by id. Adding, removing and finding an agent cost the same however many
 * there are, and each is encoded once.
 */
export class RegistryList<M> {
  readonly #type: MessageType<M>;
  readonly #elements = new Map<string, Element<M>>();

  constructor(type: MessageType<M>) {
    this.#type = type;
  }

  get size(): number {
    return this.#elements.size;
  }

  has(id: string): boolean {
    return this.#elements.has(id);
  }

  get(id: string): M | undefined {
    return this.#elements.get(id)?.message;
  }

  set(id: string, message: M): void {
    this.#elements.set(id, { message, bytes: undefined });
  }

  delete(id: string): boolean {
    return this.#elements.delete(id);
  }

  /** Oldest first. */
  messages(): M[] {
    return Array.from(this.#elements.values(), (element) => element.message);
  }

  /** Appends the list to `chunks`, as the field `number` of the message that it is part of. */
  encode(number: number, chunks: Uint8Array[]): void {
    const elements: Uint8Array[] = [];
    let lengthBytes = 0;
    for (const element of this.#elements.values()) {
      element.bytes ??= lengthDelimited(ELEMENT_TAG, this.#type.encode(element.message));
      lengthBytes += element.bytes.length;
      elements.push(element.bytes);
    }
    chunks.push(Uint8Array.from([(number << 3) | 2, ...varint(lengthBytes)]));
    for (const bytes of elements) chunks.push(bytes);
  }
}

function lengthDelimited(tag: number, body: Uint8Array): Uint8Array {
  const length = varint(body.length);
  const bytes = new Uint8Array(1 + length.length + body.length);
  bytes[0] = tag;
  bytes.set(length, 1);
  bytes.set(body, 1 + length.length);
  return bytes;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}
