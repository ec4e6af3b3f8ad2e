package dev.megalodon.trainer.memory;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Memory as Kubernetes writes it: {@code 1Gi}, {@code 512M}, {@code 1.5e9}. */
public final class MemoryQuantity {
  private static final Pattern FORM =
      Pattern.compile("([0-9.]+(?:[eE][+-]?[0-9]{1,2})?)([A-Za-z]*)");
  private static final Map<String, BigDecimal> UNITS =
      Map.ofEntries(
          Map.entry("", BigDecimal.ONE),
          Map.entry("m", new BigDecimal("0.001")),
          Map.entry("k", decimal(1)),
          Map.entry("M", decimal(2)),
          Map.entry("G", decimal(3)),
          Map.entry("T", decimal(4)),
          Map.entry("P", decimal(5)),
          Map.entry("E", decimal(6)),
          Map.entry("Ki", binary(1)),
          Map.entry("Mi", binary(2)),
          Map.entry("Gi", binary(3)),
          Map.entry("Ti", binary(4)),
          Map.entry("Pi", binary(5)),
          Map.entry("Ei", binary(6)));

  private MemoryQuantity() {}

  /**
   * Bytes, rounded up as Kubernetes does.
   *
   * @throws IllegalArgumentException when it is no quantity
   */
  public static long bytes(String quantity) {
    Matcher matcher = FORM.matcher(quantity);
    if (!matcher.matches() || !UNITS.containsKey(matcher.group(2))) {
      throw noQuantity(quantity, null);
    }
    try {
      BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(UNITS.get(matcher.group(2)));
      return bytes.setScale(0, RoundingMode.CEILING).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw noQuantity(quantity, e);
    }
  }

  private static IllegalArgumentException noQuantity(
      String quantity, @Nullable RuntimeException cause) {
    return new IllegalArgumentException(
        "'%s' is no amount of memory: write it as 8Gi or 512Mi".formatted(quantity), cause);
  }

  private static BigDecimal decimal(int power) {
    return BigDecimal.TEN.pow(3 * power);
  }

  private static BigDecimal binary(int power) {
    return BigDecimal.TWO.pow(10 * power);
  }
}
