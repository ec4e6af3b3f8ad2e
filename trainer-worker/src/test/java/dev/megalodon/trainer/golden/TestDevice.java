package dev.megalodon.trainer.golden;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.reference.ReferenceDevice;

/** Devices under test, with the tolerances of the fixtures for their precision. */
public enum TestDevice {
  /** Scalar FLOAT64. */
  REFERENCE {
    @Override
    public Device open() {
      return new ReferenceDevice();
    }

    @Override
    public Tolerance tolerance(Quantity quantity) {
      return switch (quantity) {
        case BLOCK, LOGITS, LOSS, MODEL_GRADIENT, GRADIENT_NORM, TRAINED, TRAINED_OFFSETS ->
            new Tolerance.Elementwise(1e-10, 1e-10);
        case MOMENTS, STORED_AS_SINGLE -> new Tolerance.Elementwise(1e-10, 1e-6);
      };
    }
  },

  /** FLOAT32 on two threads, matrices by the Vector API. */
  CPU_VECTOR {
    @Override
    public Device open() {
      return new CpuDevice(2, GemmProvider.VECTOR, Precision.FP32);
    }

    @Override
    public Tolerance tolerance(Quantity quantity) {
      return single(quantity);
    }
  },

  /** FLOAT32 on two threads, matrices by ND4J's OpenBLAS. */
  CPU_OPENBLAS {
    @Override
    public Device open() {
      return new CpuDevice(2, GemmProvider.OPENBLAS, Precision.FP32);
    }

    @Override
    public Tolerance tolerance(Quantity quantity) {
      return single(quantity);
    }
  },

  /** FLOAT32 on two threads, matrices by oneDNN. */
  CPU_ONEDNN {
    @Override
    public Device open() {
      return new CpuDevice(2, GemmProvider.ONEDNN, Precision.FP32);
    }

    @Override
    public Tolerance tolerance(Quantity quantity) {
      return single(quantity);
    }
  },

  /** BFLOAT16 parameters on two threads, matrices by the Vector API from rounded factors. */
  CPU_BF16 {
    @Override
    public Device open() {
      return new CpuDevice(2, GemmProvider.VECTOR, Precision.BF16);
    }

    @Override
    public Tolerance tolerance(Quantity quantity) {
      return brain(quantity);
    }
  };

  /** What is compared. */
  public enum Quantity {
    /** Values and gradients of one block, states carried. */
    BLOCK,
    /** Logits of a model. */
    LOGITS,
    /** A loss. */
    LOSS,
    /** Gradients of a whole model. */
    MODEL_GRADIENT,
    /** The norm of all gradients. */
    GRADIENT_NORM,
    /** Parameters after training. */
    TRAINED,
    /** Queries' and keys' offsets after training: AdamW magnifies the noise of small gradients. */
    TRAINED_OFFSETS,
    /** The optimizer's moments after training, stored in single precision. */
    MOMENTS,
    /** Values that the fixture holds in single precision only. */
    STORED_AS_SINGLE
  }

  /** Opens the device; the caller closes it. */
  public abstract Device open();

  /** What the fixtures allow this device. */
  public abstract Tolerance tolerance(Quantity quantity);

  /** The tolerance of BFLOAT16; what was measured stands behind each. */
  static Tolerance brain(Quantity quantity) {
    return switch (quantity) {
      case BLOCK -> new Tolerance.Norm(3.5e-2); // 1.4e-2
      case LOGITS -> new Tolerance.Elementwise(0.1, 0); // 4.3e-2
      case LOSS -> new Tolerance.Elementwise(4e-3, 0); // 1.7e-3 in 50 steps
      case MODEL_GRADIENT, GRADIENT_NORM -> new Tolerance.Norm(4e-2); // 1.8e-2
      case TRAINED -> new Tolerance.Norm(3e-2); // 1.2e-2
      case TRAINED_OFFSETS -> new Tolerance.Norm(0.4); // 0.2
      case MOMENTS -> new Tolerance.Norm(5e-2); // 2.3e-2
      case STORED_AS_SINGLE -> new Tolerance.Norm(1.5e-2); // 6.7e-3
    };
  }

  /** The tolerance of single precision. */
  static Tolerance single(Quantity quantity) {
    return switch (quantity) {
      case BLOCK -> new Tolerance.Norm(5e-5);
      case LOGITS, LOSS -> new Tolerance.Elementwise(2e-5, 0);
      case MODEL_GRADIENT, GRADIENT_NORM -> new Tolerance.Norm(1e-4);
      case TRAINED, TRAINED_OFFSETS, MOMENTS -> new Tolerance.Norm(1e-3);
      case STORED_AS_SINGLE -> new Tolerance.Norm(5e-5);
    };
  }
}
