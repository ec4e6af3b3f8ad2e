package dev.megalodon.trainer.evaluation;

/**
 * What predicting a text cost.
 *
 * @param tokens predicted
 * @param bytes of text in these tokens
 * @param nats sum of the tokens' losses
 */
public record TextLoss(long tokens, long bytes, double nats) {
  /** Nothing was predicted. */
  public static final TextLoss NONE = new TextLoss(0, 0, 0);

  /** Both together. */
  public TextLoss plus(TextLoss other) {
    return new TextLoss(tokens + other.tokens, bytes + other.bytes, nats + other.nats);
  }

  /** Mean loss in nats per token. */
  public double loss() {
    return nats / tokens;
  }

  /** e to the mean loss. */
  public double perplexity() {
    return Math.exp(loss());
  }

  /** Mean loss in bits per byte of text, whatever the tokenizer. */
  public double bitsPerByte() {
    return nats / Math.log(2) / bytes;
  }
}
