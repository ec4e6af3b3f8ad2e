/**
 * Models in files that other programs write and read: safetensors in the reference implementation's
 * names, its {@code consolidated*.pth}, whole or cut over model-parallel ranks.
 *
 * <pre>
 *   file(s) ─▶ TensorFile ─▶ ModelParallel.merge ─▶ ModelConfig: metadata, OfficialConfig or ModelShapes
 *                                  │                     │
 *                                  └──▶ ModelImport: names, shapes, buffers checked ─▶ checkpoint or file
 *   checkpoint ─▶ ModelExport: Conversion, OfficialBuffers, ModelParallel.part ─▶ safetensors file(s)
 * </pre>
 *
 * What flows are {@link dev.megalodon.trainer.interchange.NamedTensor}s: their bytes are made when
 * they are written, so a model of any size needs memory for a few tensors only.
 */
@NullMarked
package dev.megalodon.trainer.interchange;

import org.jspecify.annotations.NullMarked;
