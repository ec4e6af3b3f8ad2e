package dev.megalodon.trainer.evaluation;

import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Evaluates documents one after the other, each from its beginning. */
public final class DocumentEvaluator {
  private static final int BLOCK = 1 << 20;

  private final StreamLoss loss;
  private final Tokenizer tokenizer;

  /** With a model that nobody else uses at the same time. */
  public DocumentEvaluator(MegalodonModel model, Tokenizer tokenizer) {
    this.loss = new StreamLoss(model);
    this.tokenizer = tokenizer;
  }

  /**
   * Reads a document to its end or to a number of bytes. It is turned into tokens in blocks of 1
   * MiB, cut after a line's end where there is one, so that memory does not grow with its length.
   *
   * @param limit bytes to read at most
   * @throws IOException when it cannot be read
   */
  public TextLoss evaluate(InputStream document, long limit) throws IOException {
    byte[] block = new byte[BLOCK];
    int held = 0;
    long left = limit;
    long predicted = 0;
    while (true) {
      int count = document.readNBytes(block, held, (int) Math.min(left, BLOCK - held));
      left -= count;
      int length = held + count;
      boolean last = left == 0 || length < BLOCK;
      int cut = last ? length : afterLastLine(block, length);
      predicted += accept(Arrays.copyOf(block, cut), predicted == 0);
      held = length - cut;
      System.arraycopy(block, cut, block, 0, held);
      if (last) {
        return loss.finish(predicted);
      }
    }
  }

  /** Bytes that are predicted: all but those of the document's first token. */
  private long accept(byte[] text, boolean first) {
    int[] tokens = tokenizer.encode(text);
    loss.accept(tokens);
    return first && tokens.length > 0 ? text.length - bytesOf(tokens[0]) : text.length;
  }

  private int bytesOf(int token) {
    String text = tokenizer.decode(new int[] {token});
    boolean whole = text.indexOf('\uFFFD') < 0;
    return whole ? text.getBytes(StandardCharsets.UTF_8).length : 1; // a byte by itself
  }

  private static int afterLastLine(byte[] block, int length) {
    for (int end = length; end > 0; end--) {
      if (block[end - 1] == '\n') {
        return end;
      }
    }
    return afterLastCharacter(block, length);
  }

  /** A block without a line's end is cut before a UTF-8 character's first byte. */
  private static int afterLastCharacter(byte[] block, int length) {
    int end = length - 1;
    while (end > 0 && (block[end] & 0xC0) == 0x80) {
      end--;
    }
    return end > 0 ? end : length;
  }
}
