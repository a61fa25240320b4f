namespace Sio.Data.Shards;

/// <summary>Where an image of a shard stands, so that it can be read without those before it.</summary>
/// <param name="Shard">Which archive of the <see cref="ShardSet"/>, from 0.</param>
/// <param name="Key">What its files are called without their extensions, with the folder: unique in a shard.</param>
/// <param name="Extension">The image's kind by its file's name, in lower case.</param>
/// <param name="Offset">The first byte of the image's file within the archive.</param>
/// <param name="Length">Bytes of the image's file.</param>
/// <param name="Label">Its class, from <c>.cls</c> or <c>.json</c>; null where it has neither.</param>
public readonly record struct ShardEntry(int Shard, string Key, string Extension, long Offset, int Length, int? Label);
