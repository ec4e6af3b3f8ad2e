package dev.megalodon.kernels.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ThreadTeamTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void shouldRunEveryItemOnce(int size) {
    try (ThreadTeam team = new ThreadTeam(size)) {
      for (int items = 0; items < 200; items++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(items);
        team.forEach(
            items,
            3,
            (member, from, to) -> {
              for (long i = from; i < to; i++) {
                runs.incrementAndGet((int) i);
              }
            });
        for (int i = 0; i < items; i++) {
          assertEquals(1, runs.get(i));
        }
      }
    }
  }

  @Test
  void shouldNeverRunOneMemberTwiceAtOnce() {
    try (ThreadTeam team = new ThreadTeam(4)) {
      AtomicIntegerArray running = new AtomicIntegerArray(team.size());
      for (int call = 0; call < 2000; call++) {
        team.forEach(
            64,
            1,
            (member, from, to) -> {
              assertEquals(1, running.incrementAndGet(member));
              running.decrementAndGet(member);
            });
      }
    }
  }

  @Test
  void shouldThrowWhatTaskThrewAndWorkOn() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      ThreadTeam.RangeTask failing =
          (member, from, to) -> {
            throw new IllegalArgumentException("broken");
          };
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> team.forEach(100, 1, failing));
      assertEquals("broken", e.getMessage());
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      team.forEach(100, 1, (member, from, to) -> runs.addAndGet(0, (int) (to - from)));
      assertEquals(100, runs.get(0));
    }
  }

  @Test
  void shouldRefuseToBeEmpty() {
    assertThrows(IllegalArgumentException.class, () -> new ThreadTeam(0).close());
  }
}
