package dev.megalodon.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.host.HostMemoryTransfer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Nd4jViewsTest {
  private final HostAllocator allocator = new HostAllocator();

  @AfterEach
  void close() {
    allocator.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void shouldShareMemoryOfTensor(ElementType type) {
    Tensor tensor = allocator.allocate(type, 2, 3);
    new HostMemoryTransfer().write(new double[] {1, 2, 3, 4, 5, 6}, tensor);

    INDArray array = Nd4jViews.view(tensor);

    assertArrayEquals(new long[] {2, 3}, array.shape());
    assertEquals(6, array.getDouble(1, 2));
    array.muli(10);
    assertEquals(40, HostElements.get(tensor, 3));
    HostElements.set(tensor, 1, -7);
    assertEquals(-7, array.getDouble(0, 1));
  }

  @Test
  void shouldViewPartOfTensor() {
    Tensor tensor = allocator.allocate(ElementType.FLOAT32, 5, 2);
    Nd4jViews.view(tensor.slice(3, 2)).addi(1);
    assertArrayEquals(
        new double[] {0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, new HostMemoryTransfer().toDoubles(tensor));
  }

  @Test
  void shouldShareMemoryOfArray() {
    INDArray array = Nd4j.arange(6).castTo(DataType.FLOAT).reshape('c', 3, 2).dup('c');

    Tensor tensor = Nd4jViews.view(array);

    assertArrayEquals(new long[] {3, 2}, tensor.dims());
    assertEquals(3, HostElements.get(tensor, 3));
    HostElements.set(tensor, 5, 50);
    assertEquals(50, array.getDouble(2, 1));
  }

  @Test
  void shouldRefuseWhatCannotBeShared() {
    INDArray columns = Nd4j.rand(DataType.FLOAT, 4, 4);
    assertThrows(IllegalArgumentException.class, () -> Nd4jViews.view(columns.transpose()));
    Tensor tokens = allocator.allocate(ElementType.INT32, 4);
    assertThrows(IllegalArgumentException.class, () -> Nd4jViews.view(tokens));
  }
}
