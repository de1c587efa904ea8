import { Body, Controller, Get, Put } from '@nestjs/common';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { PreferencesDto } from './preferences.dto.js';
import { PreferencesService } from './preferences.service.js';

/** The signed-in user's wishes. */
@SignedIn()
@Controller('preferences')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get()
  getPreferences(@CurrentUser() user: Principal): Promise<PreferencesDto> {
    return this.preferences.get(user.userId);
  }

  @Put()
  replacePreferences(@CurrentUser() user: Principal, @Body() body: PreferencesDto): Promise<PreferencesDto> {
    return this.preferences.replace(user.userId, body);
  }
}
