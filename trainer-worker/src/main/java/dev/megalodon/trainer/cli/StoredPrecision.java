package dev.megalodon.trainer.cli;

import dev.megalodon.kernels.safetensors.DataType;

/** Precision of parameters in a file, as the command line names it. */
enum StoredPrecision {
  FP32(DataType.F32),
  BF16(DataType.BF16),
  FP16(DataType.F16);

  private final DataType type;

  StoredPrecision(DataType type) {
    this.type = type;
  }

  DataType type() {
    return type;
  }
}
