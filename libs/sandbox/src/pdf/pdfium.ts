import { PDFiumLibrary } from '@hyzyla/pdfium';

/** The functions of PDFium's C interface (fpdfview.h, fpdf_text.h, fpdf_edit.h) that this library uses. */
interface PdfiumFunctions {
  FPDF_LoadMemDocument(data: number, size: number, password: number): number;
  FPDF_GetLastError(): number;
  FPDF_CloseDocument(document: number): void;
  FPDF_GetPageCount(document: number): number;
  FPDF_GetMetaText(document: number, tag: number, buffer: number, length: number): number;
  FPDF_LoadPage(document: number, index: number): number;
  FPDF_ClosePage(page: number): void;
  FPDF_GetPageWidthF(page: number): number;
  FPDF_GetPageHeightF(page: number): number;
  FPDF_PageToDevice(
    page: number,
    startX: number,
    startY: number,
    sizeX: number,
    sizeY: number,
    rotate: number,
    pageX: number,
    pageY: number,
    deviceX: number,
    deviceY: number,
  ): number;
  FPDFText_LoadPage(page: number): number;
  FPDFText_ClosePage(text: number): void;
  FPDFText_CountChars(text: number): number;
  FPDFText_GetUnicode(text: number, index: number): number;
  FPDFText_HasUnicodeMapError(text: number, index: number): number;
  FPDFText_GetLooseCharBox(text: number, index: number, rectangle: number): number;
  FPDFText_GetFontSize(text: number, index: number): number;
  FPDFText_GetFontInfo(
    text: number,
    index: number,
    buffer: number,
    length: number,
    flags: number,
  ): number;
  FPDFPage_CountObjects(page: number): number;
  FPDFPage_GetObject(page: number, index: number): number;
  FPDFPageObj_GetType(object: number): number;
  FPDFPageObj_GetBounds(
    object: number,
    left: number,
    bottom: number,
    right: number,
    top: number,
  ): number;
  FPDFPageObj_GetFillColor(
    object: number,
    red: number,
    green: number,
    blue: number,
    alpha: number,
  ): number;
  FPDFPath_GetDrawMode(object: number, fillMode: number, stroke: number): number;
  FPDFTextObj_GetText(object: number, text: number, buffer: number, length: number): number;
  FPDFTextObj_GetFontSize(object: number, size: number): number;
  FPDFTextObj_GetFont(object: number): number;
  FPDFFont_GetBaseFontName(font: number, buffer: number, length: number): number;
  FPDFTextObj_GetTextRenderMode(object: number): number;
  FPDFImageObj_GetImageFilterCount(object: number): number;
  FPDFImageObj_GetImageFilter(
    object: number,
    index: number,
    buffer: number,
    length: number,
  ): number;
  FPDFImageObj_GetImageDataRaw(object: number, buffer: number, length: number): number;
  FPDFBitmap_CreateEx(
    width: number,
    height: number,
    format: number,
    buffer: number,
    stride: number,
  ): number;
  FPDFBitmap_FillRect(
    bitmap: number,
    left: number,
    top: number,
    width: number,
    height: number,
    color: number,
  ): void;
  FPDFBitmap_GetBuffer(bitmap: number): number;
  FPDFBitmap_GetStride(bitmap: number): number;
  FPDFBitmap_Destroy(bitmap: number): void;
  FPDF_RenderPageBitmap(
    bitmap: number,
    page: number,
    startX: number,
    startY: number,
    sizeX: number,
    sizeY: number,
    rotate: number,
    flags: number,
  ): void;
}

interface PdfiumModule {
  wasmExports: { malloc(size: number): number; free(pointer: number): void };
  HEAPU8: Uint8Array<ArrayBuffer>;
}

const library = await PDFiumLibrary.init();
const { module } = library as unknown as { module: PdfiumModule & Record<string, unknown> };

/** PDFium's functions under their C names: the package wraps only some of them. The compiler adds an underscore. */
export const pdfium = new Proxy({} as PdfiumFunctions, {
  get: (_, name) => module[`_${String(name)}`],
});

/** PDFium's memory. Do not keep it: it moves when it grows. */
export const memory = (): Uint8Array<ArrayBuffer> => module.HEAPU8;

export const allocate = (size: number): number => module.wasmExports.malloc(size);
export const release = (pointer: number): void => module.wasmExports.free(pointer);
