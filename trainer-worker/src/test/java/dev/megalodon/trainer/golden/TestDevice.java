package dev.megalodon.trainer.golden;

import dev.megalodon.kernels.Device;
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
        case BLOCK, LOGITS, LOSS, MODEL_GRADIENT, GRADIENT_NORM, TRAINED ->
            new Tolerance.Elementwise(1e-10, 1e-10);
        case MOMENTS, STORED_AS_SINGLE -> new Tolerance.Elementwise(1e-10, 1e-6);
      };
    }
  },

  /** FLOAT32 on two threads, matrices by the Vector API. */
  CPU_VECTOR {
    @Override
    public Device open() {
      return new CpuDevice(2, GemmProvider.VECTOR);
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
      return new CpuDevice(2, GemmProvider.OPENBLAS);
    }

    @Override
    public Tolerance tolerance(Quantity quantity) {
      return single(quantity);
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
    /** The optimizer's moments after training, stored in single precision. */
    MOMENTS,
    /** Values that the fixture holds in single precision only. */
    STORED_AS_SINGLE
  }

  /** Opens the device; the caller closes it. */
  public abstract Device open();

  /** What the fixtures allow this device. */
  public abstract Tolerance tolerance(Quantity quantity);

  /** The tolerance of single precision. */
  static Tolerance single(Quantity quantity) {
    return switch (quantity) {
      case BLOCK -> new Tolerance.Norm(5e-5);
      case LOGITS, LOSS -> new Tolerance.Elementwise(2e-5, 0);
      case MODEL_GRADIENT, GRADIENT_NORM -> new Tolerance.Norm(1e-4);
      case TRAINED, MOMENTS -> new Tolerance.Norm(1e-3);
      case STORED_AS_SINGLE -> new Tolerance.Norm(5e-5);
    };
  }
}
