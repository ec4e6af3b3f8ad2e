package dev.megalodon.kernels;

/**
 * A place to compute: memory, matrix multiplication and the fused operations of Megalodon. A model
 * is written once against this interface.
 *
 * <p>Convention of every backward operation: gradients of activations and states are overwritten,
 * gradients of parameters are added to. Calls on one device come from one thread; a device may use
 * more inside.
 */
public interface Device extends Allocator, AutoCloseable {
  /** What {@code spec.worker.device} calls it. */
  String name();

  /** Type of activations and of all gradients. */
  ElementType elementType();

  /** Type of parameters: the element type, or BFLOAT16. */
  ElementType parameterType();

  /** Type of optimizer state and of statistics kept for backward: FLOAT32, or FLOAT64. */
  ElementType accumulationType();

  /** Bytes of all tensors handed out so far; nothing is given back before the device is closed. */
  long allocatedBytes();

  /** Copies between host arrays and tensors. */
  HostTransfer transfer();

  /** Matrix multiplication. */
  Gemm gemm();

  /** Timestep norm. */
  TimestepNorm timestepNorm();

  /** Complex exponential moving average. */
  Cema cema();

  /** Root-mean-square norm. */
  RmsNorm rmsNorm();

  /** Layer norm. */
  LayerNorm layerNorm();

  /** Queries and keys from the shared representation. */
  QueryKey queryKey();

  /** Rotary position embedding. */
  Rope rope();

  /** Softmax under a causal mask. */
  CausalSoftmax causalSoftmax();

  /** Element-wise operations. */
  Pointwise pointwise();

  /** Token embedding. */
  Embedding embedding();

  /** Cross-entropy over the vocabulary. */
  CrossEntropy crossEntropy();

  /** The optimizer's update. */
  AdamW adamW();

  /** Frees all memory; tensors of this device are invalid afterwards. */
  @Override
  void close();
}
