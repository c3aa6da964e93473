import { ApiResponse } from '@nestjs/swagger';

/** Documents a route that responds with the bytes of a file, of one of these media types. It stands above `@Operation`. */
export const FileResponse = (description: string, mediaTypes: readonly string[]) =>
  ApiResponse({
    status: 200,
    description,
    content: Object.fromEntries(
      mediaTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
    ),
  });
