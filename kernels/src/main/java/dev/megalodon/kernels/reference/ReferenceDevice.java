package dev.megalodon.kernels.reference;

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
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.host.HostMemoryTransfer;

/** Scalar FLOAT64 on the calling thread: what every other device is held to. */
public final class ReferenceDevice implements Device {
  private final HostAllocator allocator = new HostAllocator();
  private final HostTransfer transfer = new HostMemoryTransfer();
  private final Gemm gemm = new ReferenceGemm();
  private final TimestepNorm timestepNorm = new ReferenceTimestepNorm();
  private final Cema cema = new ReferenceCema();
  private final RmsNorm rmsNorm = new ReferenceRmsNorm();
  private final LayerNorm layerNorm = new ReferenceLayerNorm();
  private final QueryKey queryKey = new ReferenceQueryKey();
  private final Rope rope = new ReferenceRope();
  private final CausalSoftmax causalSoftmax = new ReferenceCausalSoftmax();
  private final Pointwise pointwise = new ReferencePointwise();
  private final Embedding embedding = new ReferenceEmbedding();
  private final CrossEntropy crossEntropy = new ReferenceCrossEntropy();
  private final AdamW adamW = new ReferenceAdamW();

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public ElementType elementType() {
    return ElementType.FLOAT64;
  }

  @Override
  public ElementType parameterType() {
    return ElementType.FLOAT64;
  }

  @Override
  public ElementType accumulationType() {
    return ElementType.FLOAT64;
  }

  @Override
  public Tensor allocate(ElementType type, long... dims) {
    return allocator.allocate(type, dims);
  }

  @Override
  public long allocatedBytes() {
    return allocator.allocatedBytes();
  }

  @Override
  public HostTransfer transfer() {
    return transfer;
  }

  @Override
  public Gemm gemm() {
    return gemm;
  }

  @Override
  public TimestepNorm timestepNorm() {
    return timestepNorm;
  }

  @Override
  public Cema cema() {
    return cema;
  }

  @Override
  public RmsNorm rmsNorm() {
    return rmsNorm;
  }

  @Override
  public LayerNorm layerNorm() {
    return layerNorm;
  }

  @Override
  public QueryKey queryKey() {
    return queryKey;
  }

  @Override
  public Rope rope() {
    return rope;
  }

  @Override
  public CausalSoftmax causalSoftmax() {
    return causalSoftmax;
  }

  @Override
  public Pointwise pointwise() {
    return pointwise;
  }

  @Override
  public Embedding embedding() {
    return embedding;
  }

  @Override
  public CrossEntropy crossEntropy() {
    return crossEntropy;
  }

  @Override
  public AdamW adamW() {
    return adamW;
  }

  @Override
  public void close() {
    allocator.close();
  }
}
