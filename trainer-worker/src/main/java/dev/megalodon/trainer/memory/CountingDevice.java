package dev.megalodon.trainer.memory;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.CausalSoftmax;
import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Embedding;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.HostTransfer;
import dev.megalodon.kernels.LayerNorm;
import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.QueryKey;
import dev.megalodon.kernels.RmsNorm;
import dev.megalodon.kernels.Rope;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.function.LongConsumer;

/**
 * A device that has no memory and computes nothing: its tensors are lengths without a place. What
 * allocates on a device can be run against it to learn how much that would be.
 */
final class CountingDevice implements Device {
  private final NumberTypes types;
  private final LongConsumer listener;
  private long allocated;

  /**
   * A device.
   *
   * @param listener hears of every tensor's bytes, inside the call that asks for it
   */
  CountingDevice(NumberTypes types, LongConsumer listener) {
    this.types = types;
    this.listener = listener;
  }

  @Override
  public Tensor allocate(ElementType type, long... dims) {
    long bytes = type.bytes();
    for (long dim : dims) {
      bytes = Math.multiplyExact(bytes, dim);
    }
    allocated = Math.addExact(allocated, bytes);
    listener.accept(bytes);
    return new Tensor(type, MemorySegment.NULL.reinterpret(bytes), dims);
  }

  @Override
  public long allocatedBytes() {
    return allocated;
  }

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public ElementType elementType() {
    return types.gradient();
  }

  @Override
  public ElementType parameterType() {
    return types.parameter();
  }

  @Override
  public ElementType accumulationType() {
    return types.accumulation();
  }

  /** Does nothing when asked to compute; a result is refused, since there is none. */
  private static <T> T idle(Class<T> operation) {
    Object idle =
        Proxy.newProxyInstance(
            operation.getClassLoader(),
            new Class<?>[] {operation},
            (proxy, method, arguments) -> {
              if (method.getReturnType() != void.class) {
                throw new UnsupportedOperationException("a counting device has no results");
              }
              return null;
            });
    return operation.cast(idle);
  }

  @Override
  public HostTransfer transfer() {
    return idle(HostTransfer.class);
  }

  @Override
  public Gemm gemm() {
    return idle(Gemm.class);
  }

  @Override
  public TimestepNorm timestepNorm() {
    return idle(TimestepNorm.class);
  }

  @Override
  public Cema cema() {
    return idle(Cema.class);
  }

  @Override
  public RmsNorm rmsNorm() {
    return idle(RmsNorm.class);
  }

  @Override
  public LayerNorm layerNorm() {
    return idle(LayerNorm.class);
  }

  @Override
  public QueryKey queryKey() {
    return idle(QueryKey.class);
  }

  @Override
  public Rope rope() {
    return idle(Rope.class);
  }

  @Override
  public CausalSoftmax causalSoftmax() {
    return idle(CausalSoftmax.class);
  }

  @Override
  public Pointwise pointwise() {
    return idle(Pointwise.class);
  }

  @Override
  public Embedding embedding() {
    return idle(Embedding.class);
  }

  @Override
  public CrossEntropy crossEntropy() {
    return idle(CrossEntropy.class);
  }

  @Override
  public AdamW adamW() {
    return idle(AdamW.class);
  }

  @Override
  public void close() {}
}
