package dev.megalodon.trainer.memory;

/** What memory is for. */
public enum MemoryItem {
  /** Every parameter, as the model computes with it. */
  PARAMETERS("parameters", Kind.STATE),
  /** The gradient of every parameter. */
  GRADIENTS("gradients", Kind.STATE),
  /** FLOAT32 copies of the parameters that this rank updates, where the model's are narrower. */
  MASTER("master copies, this rank's shard", Kind.STATE),
  /** Both moments of AdamW, of the parameters that this rank updates. */
  MOMENTS("moments, this rank's shard", Kind.STATE),
  /** Copies of other ranks' shards, kept so that a lost rank's state is not lost. */
  BUDDY("buddy shards", Kind.STATE),
  /** The copy that is written to disk while training goes on. */
  SNAPSHOT("checkpoint snapshot", Kind.STATE),
  /** Buffers of the links to other ranks. */
  WIRE("wire buffers", Kind.STATE),
  /** What moving-average gated attention keeps for the way backward. */
  ATTENTION("activations: gated attention", Kind.ACTIVATION),
  /** What the feed-forward network keeps for the way backward. */
  FEED_FORWARD("activations: feed-forward", Kind.ACTIVATION),
  /** The input of every layer, where its activations are computed again. */
  LAYER_INPUTS("activations: inputs of layers", Kind.ACTIVATION),
  /** Mean and deviation after every step, per group. */
  NORM_STATISTICS("activations: timestep norm", Kind.ACTIVATION),
  /** The state of the moving average every few steps. */
  CEMA_CHECKPOINTS("activations: CEMA checkpoints", Kind.ACTIVATION),
  /** Probabilities of one block of rows and their gradient; they are computed again backward. */
  ATTENTION_SCORES("attention probabilities, scores", Kind.ACTIVATION),
  /** Logits, which their gradient overwrites. */
  LOGITS("logits", Kind.ACTIVATION),
  /** Gradients of activations. */
  BACKWARD("gradients of activations", Kind.ACTIVATION),
  /** What is carried from piece to piece of a sequence, and its gradient. */
  CARRIED_STATE("carried states", Kind.ACTIVATION),
  /** Everything else that the model's forward and backward pass allocate. */
  OTHER("tokens, embeddings, losses", Kind.ACTIVATION),
  /** Where matrix products pack their factors: part of the Java heap, not added to it. */
  PACKING("GEMM packing (in the heap)", Kind.HEAP),
  /** Java heap and the JVM's own memory. */
  JVM("Java heap and JVM", Kind.JVM);

  private final String label;
  private final Kind kind;

  /** Which total an item belongs to. */
  public enum Kind {
    /** Lasts as long as the process, whatever the length of a sequence. */
    STATE,
    /** Grows with the tokens of a micro-batch. */
    ACTIVATION,
    /** Counted in the Java heap already. */
    HEAP,
    /** The process's own. */
    JVM
  }

  MemoryItem(String label, Kind kind) {
    this.label = label;
    this.kind = kind;
  }

  /** What people call it. */
  public String label() {
    return label;
  }

  /** Which total it belongs to. */
  public Kind kind() {
    return kind;
  }
}
