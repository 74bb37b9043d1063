const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH = 11;

/** A random identifier of 66 bits in 11 URL-safe characters: for epochs and daemon instances. Not a secret. */
export function randomIdentifier(random: () => number): string {
  let id = "";
  for (let index = 0; index < LENGTH; index++) id += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return id;
}
