package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BucketedExchangeTest {
  @Test
  void shouldCutIntoAlignedBuckets() {
    assertEquals(
        List.of(new Bucket(0, 96), new Bucket(96, 96), new Bucket(192, 48)),
        BucketedExchange.cut(240, 50, 3, 16));
    assertEquals(List.of(), BucketedExchange.cut(0, 50, 3, 16));
    assertThrows(IllegalArgumentException.class, () -> BucketedExchange.cut(241, 50, 3, 16));
  }

  @Test
  void shouldLeaveEveryRankWithTheWholeSum() throws Exception {
    List<Network> networks = TestNetworks.IN_MEMORY.open(3, Path.of("unused"));
    List<Bucket> buckets = BucketedExchange.cut(240, 50, 3, 16);
    List<Group> groups = Ranks.groups(1, networks, RandomGenerator.getDefault());
    List<float[]> results =
        Ranks.run(
            networks,
            groups,
            CollectiveSettings.DEFAULT,
            ring -> {
              float[] values = new float[240];
              for (int i = 0; i < values.length; i++) {
                values[i] = i * (ring.rank() + 1);
              }
              Tensor flat = new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(values), 240);
              BucketedExchange exchange = new BucketedExchange(ring, buckets);
              exchange.reduceScatter(flat);
              scale(exchange, flat);
              exchange.allGather(flat);
              return values;
            });
    for (float[] values : results) {
      for (int i = 0; i < values.length; i++) {
        assertEquals(60f * i, values[i]);
      }
    }
  }

  /** Multiplies what this rank owns by ten. */
  private static void scale(BucketedExchange exchange, Tensor flat) {
    for (Bucket bucket : exchange.buckets()) {
      MemorySegment own = exchange.ownSlice(flat, bucket).memory();
      for (long i = 0; i < own.byteSize() / Float.BYTES; i++) {
        own.setAtIndex(ValueLayout.JAVA_FLOAT, i, 10 * own.getAtIndex(ValueLayout.JAVA_FLOAT, i));
      }
    }
  }
}
