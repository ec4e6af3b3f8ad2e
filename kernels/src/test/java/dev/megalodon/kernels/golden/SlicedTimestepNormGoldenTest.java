package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.TimestepNorm.MomentGradient;
import dev.megalodon.kernels.TimestepNorm.State;
import dev.megalodon.kernels.TimestepNorm.StateGradient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The golden numbers of whole sequences from slices that know of each other only by their moments
 * and the moments' gradients.
 */
class SlicedTimestepNormGoldenTest {
  private static final double EPSILON = 1e-5;

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbersOfTheWhole(TestDevice testDevice) throws IOException {
    for (int slices = 1; slices <= 4; slices++) {
      try (Fixture fixture = Fixture.open("op_timestep_norm", testDevice)) {
        JsonNode cases = fixture.config().get("cases");
        for (int i = 0; i < cases.size(); i++) {
          new Run(fixture.at("case" + i + "."), cases.get(i), slices).check();
        }
      }
    }
  }

  /** One slice's inputs, and what is kept of it from forward to backward. */
  private record Piece(
      Tensor x,
      Tensor dy,
      Optional<Tensor> mask,
      State in,
      State moments,
      TimestepNorm.Saved saved,
      MomentGradient sums) {}

  private static final class Run {
    private final Fixture fixture;
    private final Device device;
    private final TimestepNorm norm;
    private final boolean shifted;
    private final long batch;
    private final long groups;
    private final Tensor weight;
    private final List<Piece> pieces = new ArrayList<>();
    private final State whole;

    Run(Fixture fixture, JsonNode config, int slices) throws IOException {
      this.fixture = fixture;
      device = fixture.device();
      norm = device.timestepNorm();
      shifted = config.has("shift");
      batch = config.get("B").asLong();
      groups = config.get("G").asLong();
      weight = fixture.input("weight");
      whole = State.allocate(device, batch, groups);
      for (Slice slice : Slice.cut(config.get("L").asLong(), slices)) {
        pieces.add(piece(slice));
      }
    }

    private Piece piece(Slice slice) throws IOException {
      Optional<Tensor> mask = fixture.has("mask") ? Optional.of(padding(slice)) : Optional.empty();
      return new Piece(
          fixture.steps("x", device.elementType(), slice.from(), slice.length()),
          fixture.steps("dy", device.elementType(), slice.from(), slice.length()),
          mask,
          fresh(),
          State.allocate(device, batch, groups),
          TimestepNorm.Saved.allocate(device, batch, slice.length(), groups),
          new MomentGradient(statistics(), statistics(), statistics()));
    }

    private Tensor padding(Slice slice) throws IOException {
      Tensor numbers = fixture.steps("mask", ElementType.FLOAT64, slice.from(), slice.length());
      double[] values = device.transfer().toDoubles(numbers);
      byte[] bytes = new byte[values.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) values[i];
      }
      Tensor mask = device.allocate(ElementType.UINT8, batch, slice.length());
      device.transfer().write(bytes, mask);
      return mask;
    }

    private State fresh() {
      State state = State.allocate(device, batch, groups);
      device.pointwise().fill(state.variance(), 1);
      return state;
    }

    private Tensor statistics() {
      return device.allocate(ElementType.FLOAT64, batch, groups);
    }

    void check() throws IOException {
      forward();
      backward();
    }

    /** The first slice begins with the state before the sequence, the others with none. */
    private void forward() throws IOException {
      if (fixture.has("count")) {
        State first = pieces.getFirst().in();
        device.transfer().write(fixture.numbers("count"), first.count());
        device.transfer().write(fixture.numbers("mean"), first.mean());
        device.transfer().write(fixture.numbers("var"), first.variance());
      }
      List<State> summaries = new ArrayList<>();
      for (Piece piece : pieces) {
        norm.advance(piece.x(), piece.mask(), piece.in(), piece.moments());
        summaries.add(piece.moments());
      }
      norm.merge(summaries, whole);
      fixture.expect("count_out", whole.count());
      fixture.expect("mean_out", whole.mean());
      fixture.expect("var_out", whole.variance(), shifted);
      List<Tensor> outputs = new ArrayList<>();
      for (int i = 0; i < pieces.size(); i++) {
        outputs.add(normalize(pieces.get(i), summaries.subList(0, i)));
      }
      fixture.expectSteps("y", outputs, shifted);
    }

    private Tensor normalize(Piece piece, List<State> before) throws IOException {
      if (!before.isEmpty()) {
        norm.merge(before, piece.in());
      }
      Tensor y = device.allocate(device.elementType(), piece.x().dims());
      State out = State.allocate(device, batch, groups);
      Tensor bias = fixture.input("bias");
      norm.forward(
          piece.x(), weight, bias, piece.mask(), piece.in(), EPSILON, y, piece.saved(), out);
      return y;
    }

    private void backward() throws IOException {
      StateGradient none = StateGradient.allocate(device, batch, groups);
      StateGradient given =
          new StateGradient(
              fixture.input("dmean_out", ElementType.FLOAT64),
              fixture.input("dvar_out", ElementType.FLOAT64));
      List<MomentGradient> sums = new ArrayList<>();
      for (Piece piece : pieces) {
        StateGradient out = piece == pieces.getLast() ? given : none;
        norm.momentGradient(
            piece.dy(),
            piece.x(),
            weight,
            piece.mask(),
            piece.in(),
            piece.saved(),
            out,
            piece.sums());
        sums.add(piece.sums());
      }
      Tensor dWeight = fixture.like("weight");
      Tensor dBias = fixture.like("bias");
      StateGradient gradientIn = StateGradient.allocate(device, batch, groups);
      for (int i = pieces.size() - 1; i >= 0; i--) {
        Piece piece = pieces.get(i);
        StateGradient out = given;
        if (i < pieces.size() - 1) {
          List<MomentGradient> later = sums.subList(i + 1, sums.size());
          out = new StateGradient(statistics(), statistics());
          norm.stateGradientOut(later, piece.mask(), piece.in(), piece.saved(), out);
        }
        norm.backward(
            piece.dy(),
            piece.x(),
            weight,
            piece.mask(),
            piece.in(),
            piece.saved(),
            out,
            piece.dy(),
            dWeight,
            dBias,
            gradientIn);
      }
      fixture.expectSteps("dx", pieces.stream().map(Piece::dy).toList(), shifted);
      fixture.expect("dweight", dWeight, shifted);
      fixture.expect("dbias", dBias, shifted);
      if (fixture.has("dmean")) {
        fixture.expect("dmean", gradientIn.mean(), shifted);
        fixture.expect("dvar", gradientIn.variance(), shifted);
      }
    }
  }
}
