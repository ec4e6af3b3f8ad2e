package dev.megalodon.kernels.gemm;

import java.util.Arrays;
import java.util.Locale;

/** What oneDNN may use of a processor ({@code dnnl_cpu_isa_t}), in the order of age. */
enum InstructionSet {
  SSE41(0x1),
  AVX(0x3),
  AVX2(0x7),
  AVX2_VNNI(0xf),
  AVX2_VNNI_2(0x1f),
  AVX512_CORE(0x27),
  AVX512_CORE_VNNI(0x67),
  AVX512_CORE_BF16(0xe7),
  AVX512_CORE_FP16(0x1ef),
  AVX512_CORE_AMX(0xfef),
  AVX512_CORE_AMX_FP16(0x1fef),
  AVX10_2(0x201ff),
  AVX10_2_AMX_2(0x22fff);

  private final int bits;

  InstructionSet(int bits) {
    this.bits = bits;
  }

  /**
   * The newest one that is whole in {@code bits}.
   *
   * @throws IllegalStateException when there is none
   */
  static InstructionSet of(int bits) {
    return Arrays.stream(values())
        .filter(set -> (bits & set.bits) == set.bits)
        .reduce((older, newer) -> newer)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "oneDNN needs SSE 4.1, which this processor lacks; choose the GEMM 'vector'"));
  }

  /** Whether oneDNN has kernels for factors in BFLOAT16. */
  boolean multipliesBfloat16() {
    return includes(AVX512_CORE) || includes(AVX2_VNNI_2);
  }

  /** Whether the processor multiplies BFLOAT16 itself; otherwise oneDNN widens the factors. */
  boolean multipliesBfloat16Natively() {
    return includes(AVX512_CORE_BF16);
  }

  private boolean includes(InstructionSet other) {
    return (bits & other.bits) == other.bits;
  }

  /** The name that oneDNN's documentation uses. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
