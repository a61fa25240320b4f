namespace Sio.Data.Shards;

/// <summary>An image of a shard, as it stands there: not decoded.</summary>
/// <param name="Key">What its files are called without their extensions, with the folder: unique in a shard.</param>
/// <param name="Extension">The image's kind by its file's name: <c>jpg</c>, <c>png</c>, …, in lower case.</param>
/// <param name="Image">The image's file.</param>
/// <param name="Label">Its class, from <c>.cls</c> or <c>.json</c>; null where it has neither.</param>
public sealed record ShardSample(string Key, string Extension, ReadOnlyMemory<byte> Image, int? Label);
