package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;

/**
 * Causal attention in chunks, composed of rotation, matrix products and causal softmax; keys and
 * values of an open chunk may come first.
 */
final class AttentionCheck implements Cases {
  @Override
  public void run(GoldenFile file, JsonNode config) throws IOException {
    new Attention(file, config).compare();
  }

  private static final class Attention {
    private final GoldenFile file;
    private final Device device;
    private final double base;
    private final int chunk;
    private final int cached;
    private final int batch;
    private final int length;
    private final int heads;
    private final int keyWidth;
    private final int valueWidth;

    // Queries and outputs by step of the piece; keys and values with the cached ones first.
    private final Tensor q;
    private final Tensor k;
    private final Tensor v;
    private final Tensor out;
    private final Tensor dOut;
    private final Tensor dq;
    private final Tensor dk;
    private final Tensor dv;

    Attention(GoldenFile file, JsonNode config) throws IOException {
      this.file = file;
      device = file.device();
      base = file.config("rope_base").doubleValue();
      chunk = config.path("chunk").intValue();
      cached = file.has("cache_v") ? file.dim("cache_v", 1) : 0;
      batch = file.dim("q", 0);
      length = file.dim("q", 1);
      heads = file.dim("q", 2);
      keyWidth = file.dim("q", 3);
      valueWidth = file.dim("v", 3);
      q = rotated("q");
      k = withCache(rotated("k"), "cache_k_rotated");
      v = withCache(flat(file.input("v")), "cache_v");
      out = zeros(length, valueWidth);
      dOut = flat(file.input("dout"));
      dq = zeros(length, keyWidth);
      dk = zeros(cached + length, keyWidth);
      dv = zeros(cached + length, valueWidth);
    }

    private Tensor zeros(int steps, int width) {
      return device.allocate(device.elementType(), batch, steps, (long) heads * width);
    }

    private static Tensor flat(Tensor x) {
      return x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
    }

    private Tensor rotated(String name) throws IOException {
      Tensor x = flat(file.input(name));
      device.rope().rotate(x, heads, cached, chunk, base, /* inverse= */ false);
      return x;
    }

    private Tensor withCache(Tensor x, String cacheName) throws IOException {
      if (cached == 0) {
        return x;
      }
      Tensor cache = flat(file.input(cacheName));
      long width = x.dim(2);
      Tensor joined = device.allocate(device.elementType(), batch, cached + length, width);
      for (int b = 0; b < batch; b++) {
        Tensor row = joined.slice(b, 1);
        device.pointwise().copy(cache.slice(b, 1), row.view(0, 1, cached, width));
        device.pointwise().copy(x.slice(b, 1), row.view(cached * width, 1, length, width));
      }
      return joined;
    }

    void compare() throws IOException {
      for (int b = 0; b < batch; b++) {
        for (int h = 0; h < heads; h++) {
          for (int from = 0; from < cached + length; from += chunk) {
            attend(b, h, from, Math.min(from + chunk, cached + length));
          }
        }
      }
      device.rope().rotate(dq, heads, cached, chunk, base, /* inverse= */ true);
      Tensor dkPiece = steps(dk, cached, length);
      device.rope().rotate(dkPiece, heads, cached, chunk, base, /* inverse= */ true);
      file.expect("out", out, Quantity.OPERATION);
      file.expect("dq", dq, Quantity.OPERATION);
      file.expect("dk", dkPiece, Quantity.OPERATION);
      file.expect("dv", steps(dv, cached, length), Quantity.OPERATION);
      compareCache("cache_k_out", k);
      compareCache("cache_v_out", v);
    }

    /** The open chunk afterwards: what no chunk's border has closed. */
    private void compareCache(String name, Tensor all) throws IOException {
      if (file.has(name)) {
        int open = file.dim(name, 1);
        file.expect(name, steps(all, cached + length - open, open), Quantity.OPERATION);
      }
    }

    /** One chunk of one head; steps count the cached ones. */
    private void attend(int b, int h, int from, int to) {
      int firstQuery = Math.max(from, cached);
      int queries = to - firstQuery;
      if (queries <= 0) {
        return;
      }
      long diagonal = firstQuery - from;
      Matrix qs = block(q, b, firstQuery - cached, queries, h, keyWidth);
      Matrix ks = block(k, b, from, to - from, h, keyWidth);
      Matrix vs = block(v, b, from, to - from, h, valueWidth);
      Matrix dOs = block(dOut, b, firstQuery - cached, queries, h, valueWidth);
      Matrix p = Matrix.of(device.allocate(device.elementType(), queries, to - from));
      Matrix dp = Matrix.of(device.allocate(device.elementType(), queries, to - from));
      multiply(qs, ks.transpose(), p);
      device.causalSoftmax().forward(p, diagonal);
      multiply(p, vs, block(out, b, firstQuery - cached, queries, h, valueWidth));
      multiply(p.transpose(), dOs, block(dv, b, from, to - from, h, valueWidth));
      multiply(dOs, vs.transpose(), dp);
      device.causalSoftmax().backward(p, dp, diagonal);
      multiply(dp, ks, block(dq, b, firstQuery - cached, queries, h, keyWidth));
      multiply(dp.transpose(), qs, block(dk, b, from, to - from, h, keyWidth));
    }

    private void multiply(Matrix a, Matrix b, Matrix product) {
      device.gemm().multiply(1, a, b, 0, product);
    }

    private static Matrix block(Tensor x, int b, int step, int steps, int head, int width) {
      long offset = (b * x.dim(1) + step) * x.dim(2) + (long) head * width;
      return Matrix.block(x, offset, steps, width, x.dim(2));
    }

    /** Some steps of every sequence. */
    private Tensor steps(Tensor x, int from, int count) {
      long width = x.dim(2);
      Tensor piece = device.allocate(device.elementType(), batch, count, width);
      for (int b = 0; b < batch; b++) {
        Tensor source = x.slice(b, 1).view(from * width, 1, count, width);
        device.pointwise().copy(source, piece.slice(b, 1));
      }
      return piece;
    }
  }
}
