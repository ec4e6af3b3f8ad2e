package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MeshTest {
  private static final long SEED = 20_261_124;

  @Test
  void shouldPlaceNeighbouringRanksInOneChunkGroup() {
    Mesh mesh = Mesh.of(6, 3);
    assertEquals(new Mesh(2, 3), mesh);
    assertEquals(List.of(3, 4, 5), mesh.chunkGroup(4));
    assertEquals(1, mesh.dataIndex(4));
    assertEquals(1, mesh.chunkIndex(4));
    assertEquals(List.of(0, 1, 2), mesh.chunkGroup(0));
  }

  @Test
  void shouldRefuseRanksThatDoNotDivide() {
    assertThrows(IllegalArgumentException.class, () -> Mesh.of(6, 4));
    assertThrows(IllegalArgumentException.class, () -> Mesh.of(6, 0));
    assertThrows(IllegalArgumentException.class, () -> Mesh.of(0, 1));
    assertThrows(IllegalArgumentException.class, () -> Mesh.of(6, 3).chunkGroup(6));
    assertThrows(IllegalArgumentException.class, () -> Mesh.of(6, 3).slices(-1, 16));
    assertThrows(IllegalArgumentException.class, () -> Mesh.of(6, 3).slices(32, 0));
  }

  @Test
  void shouldGiveFirstRanksOneChunkMore() {
    assertEquals(
        List.of(new SequenceSlice(0, 48), new SequenceSlice(48, 48), new SequenceSlice(96, 32)),
        Mesh.of(3, 3).slices(128, 16));
  }

  @Test
  void shouldEndInWhatIsLeftOfAChunk() {
    assertEquals(
        List.of(new SequenceSlice(0, 32), new SequenceSlice(32, 16), new SequenceSlice(48, 5)),
        Mesh.of(3, 3).slices(53, 16));
  }

  @Test
  void shouldLeaveLastSlicesOfShortSequencesEmpty() {
    assertEquals(
        List.of(new SequenceSlice(0, 16), new SequenceSlice(16, 4), new SequenceSlice(20, 0)),
        Mesh.of(3, 3).slices(20, 16));
    assertEquals(
        List.of(new SequenceSlice(0, 0), new SequenceSlice(0, 0)), Mesh.of(2, 2).slices(0, 16));
  }

  @Test
  void shouldCoverAnySequenceWithSlicesThatDifferByOneChunk() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    for (int round = 0; round < 2_000; round++) {
      int chunkSize = random.nextInt(1, 5_000);
      int length = random.nextInt(0, round % 2 == 0 ? 100_000 : Integer.MAX_VALUE);
      Mesh mesh = new Mesh(1, random.nextInt(1, 12));
      requireEvenCover(mesh.slices(length, chunkSize), length, chunkSize);
    }
  }

  private static void requireEvenCover(List<SequenceSlice> slices, int length, int chunkSize) {
    int end = 0;
    long most = Math.ceilDiv(slices.getFirst().length(), chunkSize);
    long previous = most;
    for (SequenceSlice slice : slices) {
      String shown = "%s of %d tokens, chunk %d".formatted(slice, length, chunkSize);
      assertEquals(end, slice.start(), shown);
      end += slice.length();
      assertTrue(slice.length() % chunkSize == 0 || end == length, shown);
      long chunks = Math.ceilDiv(slice.length(), chunkSize);
      assertTrue(chunks >= most - 1 && chunks <= previous, shown);
      previous = chunks;
    }
    assertEquals(length, end);
  }
}
