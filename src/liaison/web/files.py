"""Files handed to a person: always a download under a neutral name, never run by the browser."""

from django.http import Http404, HttpResponse

from liaison.apps.blobs import store

EXTENSIONS = {
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/xml": "xml",
    "text/plain": "txt",
    "text/html": "html.txt",
    "text/rtf": "rtf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tiff",
}


def blob_or_404(name: str) -> bytes:
    """The bytes of a blob. One that is gone or damaged is not shown; the self-check tells the operator of it."""
    try:
        return store.get(name)
    except (FileNotFoundError, store.BlobDamaged) as error:
        raise Http404 from error


def download(content: bytes, name: str, media_type: str = "application/octet-stream") -> HttpResponse:
    """``name`` is ours: it holds no word of the sender, so no health data and no path."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
