package dev.megalodon.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WindowSamplerTest {
  @Test
  void shouldDependOnSeedStepAndIndexAlone() {
    long first = WindowSampler.uniform(1).offset(5, 3, 1L << 40);
    assertEquals(first, WindowSampler.uniform(1).offset(5, 3, 1L << 40));
    assertNotEquals(first, WindowSampler.uniform(2).offset(5, 3, 1L << 40));
    assertNotEquals(first, WindowSampler.uniform(1).offset(6, 3, 1L << 40));
    assertNotEquals(first, WindowSampler.uniform(1).offset(5, 4, 1L << 40));
  }

  @Test
  void shouldReachEveryPositionAboutAsOften() {
    int positions = 16;
    int draws = 64_000;
    int[] counts = new int[positions];
    for (int i = 0; i < draws; i++) {
      counts[(int) WindowSampler.uniform(9).offset(i / 8, i % 8, positions)]++;
    }
    double expected = (double) draws / positions;
    double chiSquared = 0;
    for (int count : counts) {
      chiSquared += (count - expected) * (count - expected) / expected;
    }
    // 15 degrees of freedom: 44.3 is passed once in 10,000 seeds.
    assertTrue(chiSquared < 44.3, "chi squared " + chiSquared);
  }

  @Test
  void shouldStayInRangeForOnePosition() {
    for (int i = 0; i < 100; i++) {
      assertEquals(0, WindowSampler.uniform(i).offset(i, i, 1));
    }
  }
}
