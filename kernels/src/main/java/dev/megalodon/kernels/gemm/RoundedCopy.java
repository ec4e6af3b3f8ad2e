package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.Bfloat16;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.threads.ThreadTeam;

/** A FLOAT32 matrix rounded to BFLOAT16, in memory that is kept for the next one. */
final class RoundedCopy implements AutoCloseable {
  /** Elements that are worth handing to another thread. */
  private static final long SMALLEST_PART = 16 * 1024;

  private final ThreadTeam team;
  private HostAllocator allocator = new HostAllocator();
  private Tensor room;

  RoundedCopy(ThreadTeam team) {
    this.team = team;
    this.room = allocator.allocate(ElementType.BFLOAT16, 0);
  }

  /** The rounded matrix, its rows without gaps; valid until the next call. */
  Matrix of(Matrix matrix) {
    long columns = matrix.cols();
    reserve(matrix.rows() * columns);
    team.forEach(
        matrix.rows(),
        Math.max(1, SMALLEST_PART / Math.max(1, columns)),
        (member, from, to) -> {
          for (long row = from; row < to; row++) {
            long stored = matrix.offset() + row * matrix.rowStride();
            Bfloat16.narrow(
                matrix.storage().memory(), 4 * stored, room.memory(), 2 * row * columns, columns);
          }
        });
    return new Matrix(room, 0, matrix.rows(), columns, columns, matrix.transposed());
  }

  private void reserve(long elements) {
    if (room.size() < elements) {
      allocator.close();
      allocator = new HostAllocator();
      room = allocator.allocate(ElementType.BFLOAT16, elements);
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
