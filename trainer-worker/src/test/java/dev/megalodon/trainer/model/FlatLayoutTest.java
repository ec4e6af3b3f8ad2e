package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlatLayoutTest {
  private static final ModelConfig CONFIG = TestModels.config();

  @ParameterizedTest
  @CsvSource({"1, 4, 1", "1, 8, 700", "3, 4, 2000", "7, 2, 1000000", "16, 4, 5000"})
  void shouldCutTheBufferIntoAlignedEqualSlices(int worldSize, int elementBytes, long bucketBytes) {
    FlatLayout layout = FlatLayout.of(CONFIG, worldSize, elementBytes, bucketBytes);
    long next = 0;
    for (FlatLayout.Bucket bucket : layout.buckets()) {
      assertEquals(next, bucket.offset());
      assertEquals(0, bucket.elements() * elementBytes % (64L * worldSize));
      long slices = 0;
      for (int rank = 0; rank < worldSize; rank++) {
        assertEquals(bucket.offset() + slices, layout.sliceOffset(bucket, rank));
        slices += layout.sliceElements(bucket);
      }
      assertEquals(bucket.elements(), slices);
      next += bucket.elements();
    }
    assertEquals(next, layout.elements());
  }

  @ParameterizedTest
  @CsvSource({"1, 4, 1", "3, 8, 2000", "2, 4, 1000000"})
  void shouldKeepParametersWholeInOrderAndApart(int worldSize, int elementBytes, long bucketBytes) {
    FlatLayout layout = FlatLayout.of(CONFIG, worldSize, elementBytes, bucketBytes);
    long next = 0;
    for (FlatLayout.Entry entry : layout.entries()) {
      FlatLayout.Bucket bucket = layout.buckets().get(entry.bucket());
      assertTrue(entry.offset() >= Math.max(next, bucket.offset()), entry.name());
      assertEquals(0, entry.offset() * elementBytes % 64, entry.name());
      next = entry.offset() + entry.elements();
      assertTrue(next <= bucket.offset() + bucket.elements(), entry.name());
    }
    long elements = layout.entries().stream().mapToLong(FlatLayout.Entry::elements).sum();
    assertEquals(CONFIG.parameterCount(), elements);
  }

  @Test
  void shouldPassTheBucketSizeOnlyForOneLargeParameter() {
    long bucketBytes = 700;
    FlatLayout layout = FlatLayout.of(CONFIG, 1, 4, bucketBytes);
    for (FlatLayout.Bucket bucket : layout.buckets()) {
      long members =
          layout.entries().stream().filter(entry -> entry.bucket() == bucket.index()).count();
      assertTrue(members == 1 || bucket.elements() * 4 <= bucketBytes + 64, bucket.toString());
    }
  }

  @Test
  void shouldFollowTheBackwardPassFromTheOutputToTheEmbedding() {
    List<String> names = names(CONFIG);
    assertEquals("output.output.weight", names.getFirst());
    assertEquals("embed.weight", names.getLast());
    assertTrue(
        names.indexOf("layers.1.nffn.fc2.weight") < names.indexOf("layers.1.mega.wv.weight"));
    assertTrue(names.indexOf("layers.1.mega.timenorm.bias") < names.indexOf("layers.0.nffn.alpha"));
  }

  @Test
  void shouldHaveNoOutputOfItsOwnWhenTheEmbeddingIsShared() {
    ModelConfig shared =
        new ModelConfig(1, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 1e4, false, false, false, true);
    assertEquals("output.final_norm.weight", names(shared).getFirst());
    assertEquals("embed.weight", names(shared).getLast());
  }

  @Test
  void shouldRefuseNumbersThatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> FlatLayout.of(CONFIG, 0, 4, 1));
    assertThrows(IllegalArgumentException.class, () -> FlatLayout.of(CONFIG, 1, 4, 0));
  }

  @Test
  void shouldTellOfBucketsOnlyWhenAllOfThemIsComplete() {
    FlatLayout layout = FlatLayout.of(CONFIG, 1, 4, 3000);
    List<FlatLayout.Bucket> told = new ArrayList<>();
    BucketCompletion completion = new BucketCompletion(layout, told::add);
    int complete = 0;
    for (String prefix : List.of("output.", "layers.1.", "layers.0.", "embed.weight")) {
      completion.completed(prefix);
      while (complete < layout.entries().size()
          && layout.entries().get(complete).name().startsWith(prefix)) {
        complete++;
      }
      for (FlatLayout.Entry entry : layout.entries().subList(complete, layout.entries().size())) {
        assertTrue(entry.bucket() >= told.size(), entry.name() + " is not complete");
      }
    }
    assertEquals(layout.buckets(), told);
  }

  @Test
  void shouldNameAParameterThatIsNotThere() {
    try (Device device = new ReferenceDevice()) {
      FlatTensors tensors = TestModels.parameters(device, CONFIG, 1);
      var error = assertThrows(IllegalArgumentException.class, () -> tensors.tensor("embed.bias"));
      assertTrue(error.toString().contains("embed.bias"), error.toString());
    }
  }

  private static List<String> names(ModelConfig config) {
    return FlatLayout.of(config, 1, 4, 1 << 20).entries().stream()
        .map(FlatLayout.Entry::name)
        .toList();
  }
}
