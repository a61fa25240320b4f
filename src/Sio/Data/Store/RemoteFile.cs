using System.ComponentModel.DataAnnotations;

namespace Sio.Data.Store;

/// <summary>How a downloaded file is unpacked.</summary>
public enum ArchiveKind
{
    /// <summary>Not at all: it is used as it is.</summary>
    None,

    /// <summary>A zip archive.</summary>
    Zip,

    /// <summary>A tar archive.</summary>
    Tar,

    /// <summary>A tar archive in gzip, <c>.tar.gz</c> or <c>.tgz</c>.</summary>
    TarGz,
}

/// <summary>One file of a data set, as its publisher offers it.</summary>
public sealed record RemoteFile
{
    /// <summary>The scheme of addresses on Google Drive: <c>gdrive:ID</c>.</summary>
    public const string DriveScheme = "gdrive:";

    /// <summary>Name.</summary>
    [Describe("The file's official name.")]
    public required string Name { get; init; }

    /// <summary>Addresses.</summary>
    [Describe("Where it is offered, tried in this order: https://…, http://… or gdrive:ID.")]
    public required string[] Addresses { get; init; }

    /// <summary>Size.</summary>
    [Describe("Its size in bytes, where that is published.")]
    [Range(1L, DataSetInfo.MostBytes)]
    public long? Bytes { get; init; }

    /// <summary>SHA-256.</summary>
    [Describe("Its SHA-256 in hexadecimal, where that is published.")]
    public string? Sha256 { get; init; }

    /// <summary>MD5.</summary>
    [Describe("Its MD5 in hexadecimal, where that is published. It tells damage, not malice.")]
    public string? Md5 { get; init; }

    /// <summary>Unpacking.</summary>
    [Describe("How it is unpacked.")]
    public ArchiveKind Unpack { get; init; }

    /// <summary>The strongest published checksum, or null.</summary>
    internal Checksum? Published => Sha256 is { } sha ? new Checksum(ChecksumKind.Sha256, sha) : Md5 is { } md5 ? new Checksum(ChecksumKind.Md5, md5) : null;
}
