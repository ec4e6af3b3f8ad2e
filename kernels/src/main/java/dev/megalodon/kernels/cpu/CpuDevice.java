package dev.megalodon.kernels.cpu;

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
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.QueryKey;
import dev.megalodon.kernels.RmsNorm;
import dev.megalodon.kernels.Rope;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.host.HostMemoryTransfer;
import dev.megalodon.kernels.threads.ThreadTeam;

/**
 * FLOAT32 on the host's processors, parameters in FLOAT32 or BFLOAT16. What its results depend on,
 * and what not, stands in the package's description; for matrix multiplication see the {@link
 * GemmProvider} chosen.
 */
public final class CpuDevice implements Device {
  private final HostAllocator allocator = new HostAllocator();
  private final HostTransfer transfer = new HostMemoryTransfer();
  private final Precision precision;
  private final ThreadTeam team;
  private final Gemm gemm;
  private final TimestepNorm timestepNorm;
  private final Cema cema;
  private final RmsNorm rmsNorm;
  private final LayerNorm layerNorm;
  private final QueryKey queryKey;
  private final Rope rope;
  private final CausalSoftmax causalSoftmax;
  private final Pointwise pointwise;
  private final Embedding embedding;
  private final CrossEntropy crossEntropy;
  private final AdamW adamW;

  /** A device with that many threads, the caller's among them, the default GEMM and FLOAT32. */
  public CpuDevice(int threads) {
    this(threads, GemmProvider.DEFAULT, Precision.FP32);
  }

  /**
   * A device with that many threads, the caller's among them.
   *
   * @throws IllegalArgumentException when {@code threads} is not positive, or the GEMM lacks the
   *     precision
   * @throws IllegalStateException when the GEMM cannot start here
   */
  public CpuDevice(int threads, GemmProvider gemmProvider, Precision precision) {
    this.precision = precision;
    team = new ThreadTeam(threads);
    gemm = gemmProvider.create(team, precision);
    Processor processor = new Processor(team);
    timestepNorm = new CpuTimestepNorm(processor);
    cema = new CpuCema(processor);
    rmsNorm = new CpuRmsNorm(processor);
    layerNorm = new CpuLayerNorm(processor);
    queryKey = new CpuQueryKey(processor);
    rope = new CpuRope(processor);
    causalSoftmax = new CpuCausalSoftmax(processor);
    pointwise = new CpuPointwise(processor);
    embedding = new CpuEmbedding(processor);
    crossEntropy = new CpuCrossEntropy(processor);
    adamW = new CpuAdamW(processor);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public ElementType elementType() {
    return ElementType.FLOAT32;
  }

  @Override
  public ElementType parameterType() {
    return precision.parameterType();
  }

  @Override
  public ElementType accumulationType() {
    return ElementType.FLOAT32;
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
    gemm.close();
    team.close();
    allocator.close();
  }
}
