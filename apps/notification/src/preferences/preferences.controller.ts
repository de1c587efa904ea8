import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { PreferencesDto } from './preferences.dto.js';
import { PreferencesService } from './preferences.service.js';

/** The signed-in user's wishes. */
@SignedIn()
@ApiTags('preferences')
@Controller('preferences')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  /** What the user wants to be told, where, and when not. */
  @Get()
  getPreferences(@CurrentUser() user: Principal): Promise<PreferencesDto> {
    return this.preferences.get(user.userId);
  }

  /** Replaces them as a whole. */
  @Put()
  replacePreferences(@CurrentUser() user: Principal, @Body() body: PreferencesDto): Promise<PreferencesDto> {
    return this.preferences.replace(user.userId, body);
  }
}
