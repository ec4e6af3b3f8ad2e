package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.util.List;
import java.util.Optional;

/** The operations of a device, forward and backward. Gradients of parameters start non-zero. */
public enum Operation {
  /** With padding and a carried state. */
  TIMESTEP_NORM {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      return timestepNorm(in, s, in.normal(s.batch(), s.length(), s.width()), carried(in, s));
    }
  },
  /** A fresh sequence whose mean is far greater than its deviation. */
  TIMESTEP_NORM_SHIFTED {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      ElementType type = in.device().elementType();
      Tensor x = in.numbers(1, 300, type, s.batch(), s.length(), s.width());
      TimestepNorm.State fresh = TimestepNorm.State.allocate(in.device(), s.batch(), s.groups());
      in.device().pointwise().fill(fresh.variance(), 1);
      return timestepNorm(in, s, x, fresh);
    }

    @Override
    public double tolerance() {
      return 2e-4;
    }
  },
  /** Moments, their gradients, and what joins those of slices. */
  TIMESTEP_NORM_SLICES {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      return timestepNormSlices(in, s, in.normal(s.batch(), s.length(), s.width()), carried(in, s));
    }
  },
  CEMA {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      ElementType state = device.accumulationType();
      Tensor x = in.normal(s.batch(), s.length(), s.width());
      Tensor dy = in.normal(s.batch(), s.length(), s.width());
      Tensor y = in.output(s.batch(), s.length(), s.width());
      Tensor dx = in.output(s.batch(), s.length(), s.width());
      Tensor stateIn = in.normal(state, s.batch(), s.width(), s.modes(), 2);
      Tensor stateOut = in.output(state, s.batch(), s.width(), s.modes(), 2);
      Tensor dStateOut = in.normal(state, s.batch(), s.width(), s.modes(), 2);
      Tensor dStateIn = in.output(state, s.batch(), s.width(), s.modes(), 2);
      Cema.Parameters parameters = cemaParameters(in, s);
      Cema.Parameters gradients = cemaParameters(in, s);
      Cema.Saved saved =
          Cema.Saved.allocate(device, device, s.batch(), s.length(), s.width(), s.modes());
      return new Prepared(device)
          .call(() -> device.cema().forward(x, parameters, stateIn, y, saved, stateOut))
          .call(
              () ->
                  device
                      .cema()
                      .backward(dy, x, parameters, saved, dStateOut, dx, gradients, dStateIn))
          .output("p", saved.coefficients().p())
          .output("q", saved.coefficients().q())
          .output("g", saved.coefficients().g())
          .output("y", y)
          .output("stateOut", stateOut)
          .output("dx", dx)
          .output("dStateIn", dStateIn)
          .output("dAlpha", gradients.alpha())
          .output("dDelta", gradients.delta())
          .output("dTheta", gradients.theta())
          .output("dGamma", gradients.gamma())
          .output("dOmega", gradients.omega());
    }
  },
  /** States, their gradients, and what joins those of slices. */
  CEMA_SLICES {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      ElementType type = device.accumulationType();
      Tensor x = in.normal(s.batch(), s.length(), s.width());
      Tensor dy = in.normal(s.batch(), s.length(), s.width());
      long[] shape = {s.batch(), s.width(), s.modes(), 2};
      Tensor before = in.normal(type, shape);
      Tensor after = in.normal(type, shape);
      Tensor reached = in.output(type, shape);
      Tensor reachedBackwards = in.output(type, shape);
      Tensor state = in.output(type, shape);
      Tensor gradient = in.output(type, shape);
      Cema.Parameters parameters = cemaParameters(in, s);
      Cema.Coefficients coefficients =
          Cema.Coefficients.allocate(device, device, s.width(), s.modes());
      List<Cema.Slice> slices =
          List.of(
              new Cema.Slice(3, before),
              new Cema.Slice(s.length(), reached),
              new Cema.Slice(1_000_000_000, after),
              new Cema.Slice(2, reachedBackwards));
      return new Prepared(device)
          .call(() -> device.cema().coefficients(parameters, coefficients))
          .call(() -> device.cema().advance(x, coefficients, before, reached))
          .call(() -> device.cema().retreat(dy, coefficients, after, reachedBackwards))
          .call(() -> device.cema().combine(coefficients, slices, state))
          .call(() -> device.cema().combineGradients(coefficients, slices, gradient))
          .output("reached", reached)
          .output("reachedBackwards", reachedBackwards)
          .output("state", state)
          .output("gradient", gradient);
    }
  },
  RMS_NORM {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      return rmsNorm(in, s, Optional.of(in.normal(s.width())), Optional.of(in.normal(s.width())));
    }
  },
  RMS_NORM_PLAIN {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      return rmsNorm(in, s, Optional.empty(), Optional.empty());
    }
  },
  LAYER_NORM {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      long rows = (long) s.batch() * s.length();
      Tensor x = in.normal(rows, s.width());
      Tensor dy = in.normal(rows, s.width());
      Tensor weight = in.normal(s.width());
      Tensor bias = in.normal(s.width());
      Tensor dWeight = in.normal(s.width());
      Tensor dBias = in.normal(s.width());
      Tensor y = in.output(rows, s.width());
      Tensor dx = in.output(rows, s.width());
      Tensor mean = in.output(device.accumulationType(), rows);
      Tensor deviation = in.output(device.accumulationType(), rows);
      return new Prepared(device)
          .call(() -> device.layerNorm().forward(x, weight, bias, EPSILON, y, mean, deviation))
          .call(
              () -> device.layerNorm().backward(dy, x, weight, mean, deviation, dx, dWeight, dBias))
          .output("y", y)
          .output("dx", dx)
          .output("dWeight", dWeight)
          .output("dBias", dBias);
    }
  },
  QUERY_KEY {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      int heads = s.heads();
      Tensor u = in.normal(s.batch(), s.length(), s.width());
      Tensor dq = in.normal(s.batch(), s.length(), s.width());
      Tensor dk = in.normal(s.batch(), s.length(), s.width());
      Tensor gamma = in.normal(2, s.width());
      Tensor beta = in.normal(2, s.width());
      Tensor dGamma = in.normal(2, s.width());
      Tensor dBeta = in.normal(2, s.width());
      Tensor q = in.output(s.batch(), s.length(), s.width());
      Tensor k = in.output(s.batch(), s.length(), s.width());
      Tensor du = in.output(s.batch(), s.length(), s.width());
      Tensor rms = in.output(device.accumulationType(), s.batch(), s.length(), heads);
      return new Prepared(device)
          .call(() -> device.queryKey().forward(u, gamma, beta, heads, EPSILON, q, k, rms))
          .call(() -> device.queryKey().backward(dq, dk, u, gamma, heads, rms, du, dGamma, dBeta))
          .output("q", q)
          .output("k", k)
          .output("du", du)
          .output("dGamma", dGamma)
          .output("dBeta", dBeta);
    }
  },
  ROPE {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      Tensor x = in.normal(s.batch(), s.length(), s.width());
      Tensor dx = in.normal(s.batch(), s.length(), s.width());
      return new Prepared(device)
          .call(() -> device.rope().rotate(x, s.heads(), 3, 16, 10000, /* inverse= */ false))
          .call(() -> device.rope().rotate(dx, s.heads(), 3, 16, 10000, /* inverse= */ true))
          .output("x", x)
          .output("dx", dx);
    }
  },
  /** A block in the corner of a larger matrix, its first row seeing several columns. */
  CAUSAL_SOFTMAX {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      Tensor scores = in.numbers(4, 0, device.elementType(), s.length() + 2, s.width() + 3);
      Tensor gradients = in.normal(s.length() + 2, s.width() + 3);
      Matrix p = Matrix.block(scores, 2, s.length(), s.width(), s.width() + 3);
      Matrix dp = Matrix.block(gradients, 1, s.length(), s.width(), s.width() + 3);
      return new Prepared(device)
          .call(() -> device.causalSoftmax().forward(p, s.width() / 3))
          .call(() -> device.causalSoftmax().backward(p, dp, s.width() / 3))
          .output("p", scores)
          .output("ds", gradients);
    }
  },
  EMBEDDING {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      Tensor tokens = in.integers(s.vocabulary(), s.batch(), s.length());
      Tensor table = in.normal(s.vocabulary(), s.width());
      Tensor dTable = in.normal(s.vocabulary(), s.width());
      Tensor out = in.output(s.batch(), s.length(), s.width());
      Tensor dOut = in.normal(s.batch(), s.length(), s.width());
      return new Prepared(device)
          .call(() -> device.embedding().forward(tokens, table, 1.5, out))
          .call(() -> device.embedding().backward(tokens, dOut, 1.5, dTable))
          .output("out", out)
          .output("dTable", dTable);
    }
  },
  CROSS_ENTROPY {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      return crossEntropy(in, s, /* smoothing= */ 0);
    }
  },
  CROSS_ENTROPY_SMOOTHED {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      return crossEntropy(in, s, /* smoothing= */ 0.1);
    }
  },
  ADAM_W {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      long size = 3L * s.length() * s.width();
      Tensor parameters = in.normal(size);
      Tensor gradients = in.normal(size);
      Tensor first = in.normal(device.accumulationType(), size);
      Tensor second = in.positive(device.accumulationType(), size);
      AdamW.Settings settings = new AdamW.Settings(3e-3, 0.9, 0.98, 1e-8, 0.1, 7, 0.37);
      return new Prepared(device)
          .call(() -> device.adamW().update(parameters, gradients, first, second, settings))
          .output("parameters", parameters)
          .output("first", first)
          .output("second", second);
    }
  },
  POINTWISE {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      Tensor a = in.normal(s.batch(), s.length(), s.width());
      Tensor b = in.normal(s.batch(), s.length(), s.width());
      Tensor sum = in.output(s.batch(), s.length(), s.width());
      Tensor product = in.output(s.batch(), s.length(), s.width());
      Tensor accumulated = in.normal(s.batch(), s.length(), s.width());
      Tensor scaled = in.normal(s.batch(), s.length(), s.width());
      Tensor copied = in.output(s.batch(), s.length(), s.width());
      Tensor filled = in.output(s.batch(), s.length(), s.width());
      Tensor squares = in.output(ElementType.FLOAT64, 1);
      return new Prepared(device)
          .call(() -> device.pointwise().add(a, b, sum))
          .call(() -> device.pointwise().multiply(a, b, product))
          .call(() -> device.pointwise().accumulate(-0.3, a, accumulated))
          .call(() -> device.pointwise().scale(scaled, 1.7))
          .call(() -> device.pointwise().copy(b, copied))
          .call(() -> device.pointwise().fill(filled, 0.3))
          .call(() -> device.pointwise().fill(squares, device.pointwise().sumOfSquares(a)))
          .output("sum", sum)
          .output("product", product)
          .output("accumulated", accumulated)
          .output("scaled", scaled)
          .output("copied", copied)
          .output("filled", filled)
          .output("squares", squares);
    }
  },
  ACTIVATIONS {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      Tensor a = in.numbers(5, 0, device.elementType(), s.batch(), s.length(), s.width());
      Tensor b = in.normal(s.batch(), s.length(), s.width());
      Tensor gradient = in.normal(s.batch(), s.length(), s.width());
      Tensor silu = in.output(s.batch(), s.length(), s.width());
      Tensor dSilu = in.output(s.batch(), s.length(), s.width());
      Tensor swiglu = in.output(s.batch(), s.length(), s.width());
      Tensor dGate = in.output(s.batch(), s.length(), s.width());
      Tensor dUp = in.output(s.batch(), s.length(), s.width());
      Tensor da = in.output(s.batch(), s.length(), s.width());
      Tensor db = in.output(s.batch(), s.length(), s.width());
      return new Prepared(device)
          .call(() -> device.pointwise().silu(a, silu))
          .call(() -> device.pointwise().siluBackward(gradient, a, dSilu))
          .call(() -> device.pointwise().swiglu(a, b, swiglu))
          .call(() -> device.pointwise().swigluBackward(gradient, a, b, dGate, dUp))
          .call(() -> device.pointwise().multiplyBackward(gradient, a, b, da, db))
          .output("silu", silu)
          .output("dSilu", dSilu)
          .output("swiglu", swiglu)
          .output("dGate", dGate)
          .output("dUp", dUp)
          .output("da", da)
          .output("db", db);
    }
  },
  COLUMNS {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      Tensor x = in.normal(s.batch(), s.length(), s.width());
      Tensor dy = in.normal(s.batch(), s.length(), s.width());
      Tensor row = in.normal(s.width());
      Tensor biased = in.normal(s.batch(), s.length(), s.width());
      Tensor dBias = in.normal(s.width());
      Tensor scaled = in.output(s.batch(), s.length(), s.width());
      Tensor dx = in.output(s.batch(), s.length(), s.width());
      Tensor dScales = in.normal(s.width());
      return new Prepared(device)
          .call(() -> device.pointwise().addBias(biased, row))
          .call(() -> device.pointwise().biasGradient(dy, dBias))
          .call(() -> device.pointwise().scaleColumns(x, row, scaled))
          .call(() -> device.pointwise().scaleColumnsBackward(dy, x, row, dx, dScales))
          .output("biased", biased)
          .output("dBias", dBias)
          .output("scaled", scaled)
          .output("dx", dx)
          .output("dScales", dScales);
    }
  },
  /** The three multiplications of a linear layer. */
  GEMM {
    @Override
    Prepared prepare(Inputs in, Sizes s) {
      Device device = in.device();
      long rows = (long) s.batch() * s.length();
      Matrix x = Matrix.of(in.normal(rows, s.width()));
      Matrix weight = Matrix.of(in.normal(s.vocabulary(), s.width()));
      Tensor y = in.output(rows, s.vocabulary());
      Tensor dx = in.output(rows, s.width());
      Tensor dWeight = in.normal(s.vocabulary(), s.width());
      Matrix dy = Matrix.of(in.normal(rows, s.vocabulary()));
      return new Prepared(device)
          .call(() -> device.gemm().multiply(1, x, weight.transpose(), 0, Matrix.of(y)))
          .call(() -> device.gemm().multiply(1, dy, weight, 0, Matrix.of(dx)))
          .call(() -> device.gemm().multiply(0.5, dy.transpose(), x, 1, Matrix.of(dWeight)))
          .output("y", y)
          .output("dx", dx)
          .output("dWeight", dWeight);
    }
  };

  private static final double EPSILON = 1e-5;

  /** Prepares a run with inputs that depend on the seed alone. */
  public Prepared prepare(Device device, Sizes sizes, long seed) {
    return prepare(new Inputs(device, seed), sizes);
  }

  abstract Prepared prepare(Inputs in, Sizes s);

  /** How far single precision may be from double, relative to each output's norm. */
  public double tolerance() {
    return 1e-5;
  }

  private static TimestepNorm.State carried(Inputs in, Sizes s) {
    Tensor count = in.device().allocate(ElementType.FLOAT64, s.batch());
    in.device().pointwise().fill(count, 5);
    return new TimestepNorm.State(
        count,
        in.normal(ElementType.FLOAT64, s.batch(), s.groups()),
        in.positive(ElementType.FLOAT64, s.batch(), s.groups()));
  }

  private static Prepared timestepNorm(Inputs in, Sizes s, Tensor x, TimestepNorm.State before) {
    Device device = in.device();
    Optional<Tensor> padding = in.padding(s.batch(), s.length());
    Tensor weight = in.normal(s.width());
    Tensor bias = in.normal(s.width());
    Tensor y = in.output(s.batch(), s.length(), s.width());
    Tensor dy = in.normal(s.batch(), s.length(), s.width());
    Tensor dx = in.output(s.batch(), s.length(), s.width());
    Tensor dWeight = in.normal(s.width());
    Tensor dBias = in.normal(s.width());
    TimestepNorm.State after = TimestepNorm.State.allocate(device, s.batch(), s.groups());
    TimestepNorm.Saved saved =
        TimestepNorm.Saved.allocate(device, s.batch(), s.length(), s.groups());
    TimestepNorm.StateGradient gradientOut = stateGradient(in, s);
    TimestepNorm.StateGradient gradientIn =
        TimestepNorm.StateGradient.allocate(device, s.batch(), s.groups());
    return new Prepared(device)
        .call(
            () ->
                device
                    .timestepNorm()
                    .forward(x, weight, bias, padding, before, EPSILON, y, saved, after))
        .call(
            () ->
                device
                    .timestepNorm()
                    .backward(
                        dy,
                        x,
                        weight,
                        padding,
                        before,
                        saved,
                        gradientOut,
                        dx,
                        dWeight,
                        dBias,
                        gradientIn))
        .output("y", y)
        .output("count", after.count())
        .output("mean", after.mean())
        .output("variance", after.variance())
        .output("dx", dx)
        .output("dWeight", dWeight)
        .output("dBias", dBias)
        .output("dMeanIn", gradientIn.mean())
        .output("dVarianceIn", gradientIn.variance());
  }

  private static Prepared timestepNormSlices(
      Inputs in, Sizes s, Tensor x, TimestepNorm.State before) {
    Device device = in.device();
    TimestepNorm norm = device.timestepNorm();
    Optional<Tensor> padding = in.padding(s.batch(), s.length());
    Tensor weight = in.normal(s.width());
    Tensor dy = in.normal(s.batch(), s.length(), s.width());
    Tensor y = in.output(s.batch(), s.length(), s.width());
    TimestepNorm.State after = TimestepNorm.State.allocate(device, s.batch(), s.groups());
    TimestepNorm.State empty = TimestepNorm.State.allocate(device, s.batch(), s.groups());
    TimestepNorm.State merged = TimestepNorm.State.allocate(device, s.batch(), s.groups());
    TimestepNorm.Saved saved =
        TimestepNorm.Saved.allocate(device, s.batch(), s.length(), s.groups());
    TimestepNorm.StateGradient given = stateGradient(in, s);
    TimestepNorm.StateGradient gradient = stateGradient(in, s);
    TimestepNorm.MomentGradient sums = momentGradient(in, s);
    TimestepNorm.MomentGradient others = momentGradient(in, s);
    return new Prepared(device)
        .call(() -> norm.forward(x, weight, weight, padding, before, EPSILON, y, saved, merged))
        .call(() -> norm.advance(x, padding, before, after))
        .call(() -> norm.merge(List.of(before, empty, after, before), merged))
        .call(() -> norm.momentGradient(dy, x, weight, padding, before, saved, given, sums))
        .call(() -> norm.stateGradientOut(List.of(sums, others), padding, before, saved, gradient))
        .output("count", after.count())
        .output("mean", after.mean())
        .output("variance", after.variance())
        .output("merged count", merged.count())
        .output("merged mean", merged.mean())
        .output("merged variance", merged.variance())
        .output("origin", sums.origin())
        .output("first", sums.first())
        .output("second", sums.second())
        .output("dMean", gradient.mean())
        .output("dVariance", gradient.variance());
  }

  private static TimestepNorm.StateGradient stateGradient(Inputs in, Sizes s) {
    return new TimestepNorm.StateGradient(
        in.normal(ElementType.FLOAT64, s.batch(), s.groups()),
        in.normal(ElementType.FLOAT64, s.batch(), s.groups()));
  }

  private static TimestepNorm.MomentGradient momentGradient(Inputs in, Sizes s) {
    return new TimestepNorm.MomentGradient(
        in.normal(ElementType.FLOAT64, s.batch(), s.groups()),
        in.normal(ElementType.FLOAT64, s.batch(), s.groups()),
        in.normal(ElementType.FLOAT64, s.batch(), s.groups()));
  }

  private static Cema.Parameters cemaParameters(Inputs in, Sizes s) {
    return new Cema.Parameters(
        in.normal(s.width(), s.modes(), 1),
        in.normal(s.width(), s.modes(), 1),
        in.normal(s.width(), 1, 1),
        in.normal(s.width(), s.modes(), 2),
        in.normal(s.width(), 1));
  }

  private static Prepared rmsNorm(
      Inputs in, Sizes s, Optional<Tensor> weight, Optional<Tensor> dWeight) {
    Device device = in.device();
    long rows = (long) s.batch() * s.length();
    Tensor x = in.normal(rows, s.width());
    Tensor dy = in.normal(rows, s.width());
    Tensor y = in.output(rows, s.width());
    Tensor dx = in.output(rows, s.width());
    Tensor rms = in.output(device.accumulationType(), rows);
    Prepared prepared =
        new Prepared(device)
            .call(() -> device.rmsNorm().forward(x, weight, EPSILON, y, rms))
            .call(() -> device.rmsNorm().backward(dy, x, weight, rms, dx, dWeight))
            .output("y", y)
            .output("dx", dx);
    dWeight.ifPresent(gradient -> prepared.output("dWeight", gradient));
    return prepared;
  }

  private static Prepared crossEntropy(Inputs in, Sizes s, double smoothing) {
    Device device = in.device();
    long rows = (long) s.batch() * s.length();
    Tensor logits = in.numbers(3, 0, device.elementType(), rows, s.vocabulary());
    int[] chosen = new int[Math.toIntExact(rows)];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = i % 5 == 4 ? CrossEntropy.IGNORED : i * 7 % s.vocabulary();
    }
    Tensor targets = device.allocate(ElementType.INT32, rows);
    device.transfer().write(chosen, targets);
    Tensor tokenLoss = in.output(ElementType.FLOAT64, rows);
    Tensor total = in.output(ElementType.FLOAT64, 1);
    Tensor dLogits = in.output(rows, s.vocabulary());
    return new Prepared(device)
        .call(
            () ->
                device
                    .pointwise()
                    .fill(
                        total,
                        device.crossEntropy().forward(logits, targets, smoothing, tokenLoss)))
        .call(() -> device.crossEntropy().backward(logits, targets, smoothing, 1.0 / rows, dLogits))
        .output("tokenLoss", tokenLoss)
        .output("total", total)
        .output("dLogits", dLogits);
  }
}
