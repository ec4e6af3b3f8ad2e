package dev.megalodon.trainer.tokenizer;

import static dev.megalodon.trainer.tokenizer.SentencePieceModel.require;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The compiled normalization rules of a SentencePiece model: a 32-bit size, a trie in Darts-clone's
 * double array, and the replacements, each ended by a zero byte. The native library follows them
 * without looking whether a node or replacement is inside.
 */
final class CharacterMap {
  // A node's children lie in one aligned block of as many units as there are labels.
  private static final int BLOCK_UNITS = 256;
  private static final int HAS_LEAF = 1 << 8;
  private static final int EXTENDED_OFFSET = 1 << 9;
  private static final int VALUE = 0x7FFFFFFF;

  private CharacterMap() {}

  /**
   * Checks that every step in the trie stays in it, and every replacement in the text.
   *
   * @throws IllegalArgumentException when not
   */
  static void check(ByteBuffer compiled) {
    if (!compiled.hasRemaining()) {
      return;
    }
    ByteBuffer map = compiled.slice().order(ByteOrder.LITTLE_ENDIAN);
    require(map.remaining() > Integer.BYTES, "its normalization rules are cut off");
    long trieBytes = Integer.toUnsignedLong(map.getInt(0));
    require(
        trieBytes > 0
            && trieBytes < map.remaining() - Integer.BYTES
            && trieBytes % (BLOCK_UNITS * Integer.BYTES) == 0,
        "its normalization rules have a wrong size");
    require(map.get(map.limit() - 1) == 0, "its normalization rules are cut off");
    checkTrie(
        map.slice(Integer.BYTES, (int) trieBytes).order(ByteOrder.LITTLE_ENDIAN),
        map.remaining() - Integer.BYTES - (int) trieBytes);
  }

  private static void checkTrie(ByteBuffer trie, int replacementBytes) {
    int units = trie.remaining() / Integer.BYTES;
    for (int node = 0; node < units; node++) {
      int unit = trie.getInt(node * Integer.BYTES);
      if (unit < 0) {
        continue; // a leaf's value
      }
      long child = Integer.toUnsignedLong(node ^ offset(unit));
      require(child < units, "its normalization rules lead nowhere");
      if ((unit & HAS_LEAF) != 0) {
        int value = trie.getInt((int) child * Integer.BYTES) & VALUE;
        require(value < replacementBytes, "its normalization rules lead nowhere");
      }
    }
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & EXTENDED_OFFSET) >>> 6);
  }
}
