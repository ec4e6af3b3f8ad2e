package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chunked causal attention, composed of rotation, GEMM and causal softmax on strided blocks. */
class AttentionGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbers(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_attention", testDevice)) {
      JsonNode cases = fixture.config().get("cases");
      for (int i = 0; i < cases.size(); i++) {
        new Case(fixture.at("case" + i + "."), cases.get(i)).check();
      }
    }
  }

  private static final class Case {
    private static final double BASE = 10000;

    private final Fixture fixture;
    private final Device device;
    private final int batch;
    private final int length;
    private final int heads;
    private final int keyWidth;
    private final int valueWidth;
    private final int chunk;
    private final int cached;

    /** Queries and outputs by step of the piece; keys and values with the cached ones first. */
    private final Tensor q;

    private final Tensor k;
    private final Tensor v;
    private final Tensor out;
    private final Tensor dout;
    private final Tensor dq;
    private final Tensor dk;
    private final Tensor dv;

    Case(Fixture fixture, JsonNode config) throws IOException {
      this.fixture = fixture;
      this.device = fixture.device();
      this.batch = config.get("B").asInt();
      this.length = config.get("L").asInt();
      this.heads = config.get("H").asInt();
      this.keyWidth = config.get("z").asInt();
      this.valueWidth = config.get("e").asInt();
      this.chunk = config.get("chunk").asInt();
      this.cached = config.path("cached").asInt(0);
      this.q = rotated("q");
      this.k = withCache(rotated("k"), "cache_k_rotated");
      this.v = withCache(flat(fixture.input("v")), "cache_v");
      this.out = zeros(length, valueWidth);
      this.dout = flat(fixture.input("dout"));
      this.dq = zeros(length, keyWidth);
      this.dk = zeros(cached + length, keyWidth);
      this.dv = zeros(cached + length, valueWidth);
    }

    private Tensor zeros(int steps, int width) {
      return device.allocate(device.elementType(), batch, steps, (long) heads * width);
    }

    private static Tensor flat(Tensor x) {
      return x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
    }

    private Tensor rotated(String name) throws IOException {
      Tensor x = flat(fixture.input(name));
      device.rope().rotate(x, heads, cached, chunk, BASE, /* inverse= */ false);
      return x;
    }

    private Tensor withCache(Tensor x, String cacheName) throws IOException {
      if (cached == 0) {
        return x;
      }
      Tensor cache = flat(fixture.input(cacheName));
      long width = x.dim(2);
      Tensor joined = device.allocate(device.elementType(), batch, cached + length, width);
      for (int b = 0; b < batch; b++) {
        Tensor row = joined.slice(b, 1);
        device.pointwise().copy(cache.slice(b, 1), row.view(0, 1, cached, width));
        device.pointwise().copy(x.slice(b, 1), row.view(cached * width, 1, length, width));
      }
      return joined;
    }

    void check() throws IOException {
      for (int b = 0; b < batch; b++) {
        for (int h = 0; h < heads; h++) {
          for (int from = 0; from < cached + length; from += chunk) {
            attend(b, h, from, Math.min(from + chunk, cached + length));
          }
        }
      }
      device.rope().rotate(dq, heads, cached, chunk, BASE, /* inverse= */ true);
      Tensor dkPiece = withoutCache(dk);
      device.rope().rotate(dkPiece, heads, cached, chunk, BASE, /* inverse= */ true);
      fixture.expect("out", out);
      fixture.expect("dq", dq);
      fixture.expect("dk", dkPiece);
      fixture.expect("dv", withoutCache(dv));
    }

    /** One chunk of one head; steps count the cached ones. */
    private void attend(int b, int h, int from, int to) {
      int firstQuery = Math.max(from, cached);
      int queries = to - firstQuery;
      long diagonal = firstQuery - from;
      Matrix qs = block(q, b, firstQuery - cached, queries, h, keyWidth);
      Matrix ks = block(k, b, from, to - from, h, keyWidth);
      Matrix vs = block(v, b, from, to - from, h, valueWidth);
      Matrix os = block(out, b, firstQuery - cached, queries, h, valueWidth);
      Matrix dos = block(dout, b, firstQuery - cached, queries, h, valueWidth);
      Matrix p = Matrix.of(device.allocate(device.elementType(), queries, to - from));
      Matrix dp = Matrix.of(device.allocate(device.elementType(), queries, to - from));

      device.gemm().multiply(1, qs, ks.transpose(), 0, p);
      device.causalSoftmax().forward(p, diagonal);
      device.gemm().multiply(1, p, vs, 0, os);

      device
          .gemm()
          .multiply(1, p.transpose(), dos, 0, block(dv, b, from, to - from, h, valueWidth));
      device.gemm().multiply(1, dos, vs.transpose(), 0, dp);
      device.causalSoftmax().backward(p, dp, diagonal);
      device.gemm().multiply(1, dp, ks, 0, block(dq, b, firstQuery - cached, queries, h, keyWidth));
      device.gemm().multiply(1, dp.transpose(), qs, 0, block(dk, b, from, to - from, h, keyWidth));
    }

    private static Matrix block(Tensor x, int b, int step, int steps, int head, int width) {
      long offset = (b * x.dim(1) + step) * x.dim(2) + (long) head * width;
      return Matrix.block(x, offset, steps, width, x.dim(2));
    }

    private Tensor withoutCache(Tensor x) {
      Tensor piece = device.allocate(device.elementType(), batch, length, x.dim(2));
      for (int b = 0; b < batch; b++) {
        long skipped = cached * x.dim(2);
        device
            .pointwise()
            .copy(x.slice(b, 1).view(skipped, 1, length, x.dim(2)), piece.slice(b, 1));
      }
      return piece;
    }
  }
}
