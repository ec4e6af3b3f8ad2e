package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text to train on and how it becomes sequences of tokens. */
@JsonInclude(Include.NON_NULL)
@ValidationRule(
    value = "self.sources.all(s, self.volumes.exists(v, v.name == s.volume))",
    fieldPath = ".sources",
    message = "every source's volume must be the name of one of spec.data.volumes")
@ValidationRule(
    value =
        "!has(self.heldOut) || !has(self.heldOut.sources) || self.heldOut.sources.all(s,"
            + " self.volumes.exists(v, v.name == s.volume))",
    fieldPath = ".heldOut",
    message = "every held-out source's volume must be the name of one of spec.data.volumes")
@ValidationRule(
    value =
        "!has(self.tokenizer.volume) || self.volumes.exists(v, v.name == self.tokenizer.volume)",
    fieldPath = ".tokenizer",
    message = "the tokenizer's volume must be the name of one of spec.data.volumes")
@ValidationRule(
    value = "self.tokenizer.kind == 'bytes' || self.format == 'tokens'",
    fieldPath = ".format",
    message =
        "text and jsonl are read as bytes: with another tokenizer run megalodon prepare first and"
            + " use format tokens")
@ValidationRule(
    value = "self.sources.all(s, has(s.weight)) || self.sources.all(s, !has(s.weight))",
    fieldPath = ".sources",
    message = "all sources have a weight, or none")
@ValidationRule(
    value = "self.order != 'consecutive' || self.sources.all(s, !has(s.weight))",
    fieldPath = ".order",
    message = "consecutive reads one text: sources have no weights")
@ValidationRule(
    value =
        "!has(self.heldOut) || !has(self.heldOut.sources) || self.heldOut.sources.all(s,"
            + " !has(s.weight))",
    fieldPath = ".heldOut",
    message = "held-out sources have no weights")
public record DataSpec(
    @JsonPropertyDescription("Claims that hold the data; mounted by every worker.")
        @Required
        @Size(min = 1, max = 16)
        List<Volume> volumes,
    @JsonPropertyDescription(
            "Files and folders to train on; a folder means every regular file under it.")
        @Required
        @Size(min = 1, max = 16)
        List<Source> sources,
    @JsonPropertyDescription("Text that is never trained on, to measure the loss on.")
        @Default("{\"fraction\": 0.1}")
        HeldOut heldOut,
    @JsonPropertyDescription(
            "How files are read. text: UTF-8 or any other bytes, as they are; a file is a document."
                + " jsonl: a JSON object on each line, whose field jsonField is a document; every"
                + " worker reads all of it once at its start. tokens: shards that megalodon"
                + " prepare made, files or whole folders. Cannot be changed.")
        @Default("text")
        Format format,
    @JsonPropertyDescription(
            "Name of the field that has the text, for format jsonl. Cannot be changed.")
        @Default("text")
        @Size(min = 1, max = 256)
        String jsonField,
    @JsonPropertyDescription(
            "How text became tokens. With format tokens it must be the tokenizer that they were"
                + " prepared with; with text and jsonl it is bytes. Cannot be changed.")
        @Default("{\"kind\": \"bytes\"}")
        Tokenizer tokenizer,
    @JsonPropertyDescription(
            "Token id that is put after each document, 0 to the model's vocabSize - 1; a byte's"
                + " value with the tokenizer bytes. Without it documents follow each other with"
                + " nothing between. Cannot be changed.")
        @Min(0)
        @Max(16_777_215)
        @Nullable Integer separator,
    @JsonPropertyDescription(
            "Which sequences a step sees. random: from any token on, with replacement. shuffled:"
                + " sequences that do not overlap, each once before any comes again, every time in"
                + " another order and cut. consecutive: the text in its order, cut into"
                + " globalBatchSequences lanes; sequence i of a step goes on where sequence i of"
                + " the step before ended, and lanes begin again at their end. Cannot be changed.")
        @Default("random")
        Order order,
    @JsonPropertyDescription(
            "Tokens of one training sequence; a multiple of the model's chunk (2048 for presets), and"
                + " at least chunkParallel chunks.")
        @Required
        @Min(1)
        @Max(16_777_216)
        int sequenceLength) {

  /** How files are read. */
  public enum Format {
    /** Plain bytes. */
    @JsonProperty("text")
    TEXT,
    /** A JSON object on each line. */
    @JsonProperty("jsonl")
    JSONL,
    /** Prepared shards. */
    @JsonProperty("tokens")
    TOKENS
  }

  /** Which sequences a step sees. */
  public enum Order {
    /** Anywhere, with replacement. */
    @JsonProperty("random")
    RANDOM,
    /** Without replacement within an epoch. */
    @JsonProperty("shuffled")
    SHUFFLED,
    /** As the text goes on. */
    @JsonProperty("consecutive")
    CONSECUTIVE
  }

  /** Kinds of tokenizers. */
  public enum TokenizerKind {
    /** One token for each byte, ids 0 to 255. */
    @JsonProperty("bytes")
    BYTES,
    /** A SentencePiece model file. */
    @JsonProperty("sentencepiece")
    SENTENCEPIECE,
    /** A Hugging Face tokenizer.json. */
    @JsonProperty("huggingface")
    HUGGINGFACE
  }

  /** How text becomes tokens. */
  @JsonInclude(Include.NON_NULL)
  @ValidationRule(
      value =
          "self.kind == 'bytes' ? !has(self.volume) && !has(self.path) : has(self.volume) && has(self.path)",
      message = "kinds other than bytes need volume and path; bytes has none")
  @ValidationRule(
      value =
          "!has(self.path) || !self.path.startsWith('/') && !self.path.split('/').exists(part, part"
              + " == '..')",
      fieldPath = ".path",
      message = "path is relative to the volume: no leading slash, no '..'")
  public record Tokenizer(
      @JsonPropertyDescription(
              "bytes: one token for each byte, ids 0 to 255. sentencepiece: a SentencePiece model."
                  + " huggingface: a tokenizer.json.")
          @Default("bytes")
          TokenizerKind kind,
      @JsonPropertyDescription("Name of the volume that has the file.") @Size(min = 1, max = 40)
          @Nullable String volume,
      @JsonPropertyDescription("The file, relative to the volume's root.")
          @Size(min = 1, max = 1024)
          @Nullable String path) {}

  /** A claim that holds data. */
  public record Volume(
      @JsonPropertyDescription("Name that sources use for it.")
          @Required
          @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
          @Size(min = 1, max = 40)
          String name,
      @JsonPropertyDescription("PersistentVolumeClaim in the job's namespace.")
          @Required
          @Size(min = 1, max = 253)
          String claimName,
      @JsonPropertyDescription("Mount it read-only; so it is if absent.") Boolean readOnly) {

    /** A default of a list's entry is none of the API server's: see {@code CrdFileTest}. */
    public Volume {
      readOnly = readOnly == null || readOnly;
    }
  }

  /** A file or folder of a volume. */
  @JsonInclude(Include.NON_NULL)
  @ValidationRule(
      value =
          "!has(self.path) || !self.path.startsWith('/') && !self.path.split('/').exists(part, part"
              + " == '..')",
      fieldPath = ".path",
      message = "path is relative to the volume: no leading slash, no '..'")
  public record Source(
      @JsonPropertyDescription("Name of one of the volumes.") @Required @Size(min = 1, max = 40)
          String volume,
      @JsonPropertyDescription("File or folder, relative to the volume's root; absent: all of it.")
          @Size(min = 1, max = 1024)
          String path,
      @JsonPropertyDescription(
              "Share of the training sequences, relative to the other sources' weights; all sources"
                  + " have one, or none. Without, sources are one text end to end, and each has a"
                  + " share as its size. Cannot be changed.")
          @Min(value = 0, inclusive = false)
          @Max(1_000_000)
          @Nullable Double weight) {

    /** All of the volume unless a path is given. */
    public Source {
      path = path == null ? "." : path;
    }
  }

  /** What is kept back. */
  @JsonInclude(Include.NON_NULL)
  @ValidationRule(
      value = "has(self.fraction) != has(self.sources)",
      message = "set exactly one of fraction and sources")
  public record HeldOut(
      @JsonPropertyDescription(
              "Share of the training data, taken from its end, 0 to 0.5. 0: nothing is kept back"
                  + " and nothing is evaluated.")
          @Min(0)
          @Max(0.5)
          @Nullable Double fraction,
      @JsonPropertyDescription("Files and folders of their own.") @Size(min = 1, max = 16)
          @Nullable List<Source> sources) {}
}
