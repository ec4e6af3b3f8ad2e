package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;

/**
 * Causal softmax attention inside chunks of C steps: O = softmax(Q·Kᵀ + causal)·V, score scale 1.
 *
 * <p>A chunk is computed in blocks of rows, one head and one sequence at a time; a block multiplies
 * only with the keys up to its last row. Probabilities are not kept for backward but computed
 * again: keys are far narrower than values, so that costs little and saves L·C numbers a head.
 */
final class ChunkAttention {
  private static final long BLOCK_ROWS = 256;

  private final Device device;
  private final ModelConfig config;
  private final Tensor scores; // (rows of a block, C)
  private final Tensor dScores; // (rows of a block, C)

  ChunkAttention(Device device, Allocator allocator, ModelConfig config) {
    this.device = device;
    this.config = config;
    long chunk = config.chunkSize();
    long rows = Math.min(BLOCK_ROWS, chunk);
    this.scores = allocator.allocate(device.elementType(), rows, chunk);
    this.dScores = allocator.allocate(device.elementType(), rows, chunk);
  }

  /**
   * Rows of one head of one sequence, and the keys that they see.
   *
   * @param head which head
   * @param row the first query, counted over the whole batch
   * @param rows number of queries
   * @param key the first key, counted over the whole batch
   * @param keys number of keys
   */
  private record Block(int head, long row, long rows, long key, long keys) {
    /** The first query sees keys 0 to this. */
    long diagonal() {
      return keys - rows;
    }
  }

  @FunctionalInterface
  private interface BlockAction {
    void run(Block block);
  }

  /**
   * Attention over whole sequences that begin at a chunk's border.
   *
   * @param q (B, L, Z), rotated
   * @param k (B, L, Z), rotated
   * @param v (B, L, E)
   * @param out (B, L, E)
   */
  void forward(Tensor q, Tensor k, Tensor v, Tensor out) {
    forEachBlock(q, block -> attend(block, q, k, v, out));
  }

  /**
   * Attention of a piece to the chunk that it continues; the chunk holds the piece's own keys and
   * values already.
   *
   * @param q (B, l, Z), rotated
   * @param chunk keys and values up to the last step of the piece
   * @param out (B, l, E)
   */
  void forward(Tensor q, OpenChunk chunk, Tensor out) {
    long steps = q.dim(1);
    long before = chunk.length() - steps;
    for (long b = 0; b < q.dim(0); b++) {
      long key = b * chunk.keys().dim(1);
      for (long from = 0; from < steps; from += BLOCK_ROWS) {
        long rows = Math.min(BLOCK_ROWS, steps - from);
        for (int head = 0; head < config.heads(); head++) {
          Block block = new Block(head, b * steps + from, rows, key, before + from + rows);
          attend(block, q, chunk.keys(), chunk.values(), out);
        }
      }
    }
  }

  /**
   * Gradients of {@link #forward(Tensor, Tensor, Tensor, Tensor)}, overwritten.
   *
   * @param dOut (B, L, E)
   * @param dq (B, L, Z), of the rotated queries
   * @param dk (B, L, Z), of the rotated keys
   * @param dv (B, L, E)
   */
  void backward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor dq, Tensor dk, Tensor dv) {
    forEachBlock(
        q,
        block -> {
          Matrix p = probabilities(block, q, k); // (rows, keys)
          Matrix dS = block(dScores, block);
          Matrix dO = queries(dOut, block, config.valueHeadDim());
          double beta = isLastOfChunk(block, q.dim(1)) ? 0 : 1;
          multiply(dO, keys(v, block, config.valueHeadDim()).transpose(), 0, dS);
          multiply(p.transpose(), dO, beta, keys(dv, block, config.valueHeadDim()));
          device.causalSoftmax().backward(p, dS, block.diagonal());
          multiply(dS, keys(k, block, config.zHeadDim()), 0, queries(dq, block, config.zHeadDim()));
          Matrix qRows = queries(q, block, config.zHeadDim());
          multiply(dS.transpose(), qRows, beta, keys(dk, block, config.zHeadDim()));
        });
  }

  private void attend(Block block, Tensor q, Tensor k, Tensor v, Tensor out) {
    Matrix p = probabilities(block, q, k);
    Matrix values = keys(v, block, config.valueHeadDim());
    multiply(p, values, 0, queries(out, block, config.valueHeadDim()));
  }

  private Matrix probabilities(Block block, Tensor q, Tensor k) {
    Matrix s = block(scores, block);
    Matrix qRows = queries(q, block, config.zHeadDim());
    multiply(qRows, keys(k, block, config.zHeadDim()).transpose(), 0, s);
    device.causalSoftmax().forward(s, block.diagonal());
    return s;
  }

  /**
   * Visits every chunk's blocks from the last to the first: the last sees all keys of the chunk, so
   * backward writes their gradients there and adds to them afterwards.
   */
  private void forEachBlock(Tensor q, BlockAction action) {
    long length = q.dim(1);
    for (long b = 0; b < q.dim(0); b++) {
      for (long start = 0; start < length; start += config.chunkSize()) {
        long chunk = Math.min(config.chunkSize(), length - start);
        for (int head = 0; head < config.heads(); head++) {
          forEachBlock(b * length + start, chunk, head, action);
        }
      }
    }
  }

  private static void forEachBlock(long firstRow, long chunk, int head, BlockAction action) {
    for (long from = (chunk - 1) / BLOCK_ROWS * BLOCK_ROWS; from >= 0; from -= BLOCK_ROWS) {
      long rows = Math.min(BLOCK_ROWS, chunk - from);
      action.run(new Block(head, firstRow + from, rows, firstRow, from + rows));
    }
  }

  private boolean isLastOfChunk(Block block, long length) {
    long start = block.key() % length;
    return block.keys() == Math.min(config.chunkSize(), length - start);
  }

  private void multiply(Matrix a, Matrix b, double beta, Matrix c) {
    device.gemm().multiply(1, a, b, beta, c);
  }

  private static Matrix block(Tensor scratch, Block block) {
    return Matrix.block(scratch, 0, block.rows(), block.keys(), scratch.dim(1));
  }

  private static Matrix queries(Tensor tensor, Block block, long width) {
    return head(tensor, block.row(), block.rows(), block.head(), width);
  }

  private static Matrix keys(Tensor tensor, Block block, long width) {
    return head(tensor, block.key(), block.keys(), block.head(), width);
  }

  private static Matrix head(Tensor tensor, long row, long rows, int head, long width) {
    long stride = tensor.dim(-1);
    return Matrix.block(tensor, row * stride + head * width, rows, width, stride);
  }
}
