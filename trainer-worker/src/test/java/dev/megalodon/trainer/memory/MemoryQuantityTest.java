package dev.megalodon.trainer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryQuantityTest {
  @ParameterizedTest
  @CsvSource({
    "1Gi, 1073741824",
    "1.5Gi, 1610612736",
    "512Mi, 536870912",
    "300Ki, 307200",
    "2G, 2000000000",
    "7k, 7000",
    "1.5e9, 1500000000",
    "1500m, 2",
    "12, 12"
  })
  void shouldReadWhatKubernetesReads(String quantity, long bytes) {
    assertEquals(bytes, MemoryQuantity.bytes(quantity));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Gi", "1gi", "1 Gi", "-1Gi", "1..2", "9000000000Ei"})
  void shouldNameWhatIsNoQuantity(String quantity) {
    Exception error =
        assertThrows(IllegalArgumentException.class, () -> MemoryQuantity.bytes(quantity));
    assertTrue(error.toString().contains("'" + quantity + "'"), error.toString());
  }

  @Test
  void shouldKeepTheHeapsShareOfALimit() {
    MachineMemory machine = new MachineMemory(1000, OptionalLong.empty(), 10, 300);
    assertEquals(new MachineMemory(100, OptionalLong.empty(), 10, 30), machine.limitedTo(100));
  }
}
